import { expect, it } from 'vitest';
import { acceptDigestOf } from './accept-digest.ts';

it('answers the key of RFC 6455 1.3 as the RFC does', () => {
  expect(acceptDigestOf('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});
