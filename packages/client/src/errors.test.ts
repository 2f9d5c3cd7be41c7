/** The shape of the error classes. */
import { expect, test } from 'vitest';
import * as errors from './errors.ts';

test.each(Object.entries(errors))('names %s, also after minification, and keeps its base', (name, Class) => {
  const error = new Class('some_code', 'Some text.');
  expect(error).toBeInstanceOf(errors.VoxError);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name, code: 'some_code', message: 'Some text.', retryable: false });
});

test('carries only the details that it was given', () => {
  const error = new errors.RateLimitError('rate_limited', 'Slow down.', { retryable: true, retryAfterMs: 5 });
  expect(error).toMatchObject({ retryable: true, retryAfterMs: 5 });
  expect('closeCode' in error).toBe(false);
  expect('cause' in error).toBe(false);
});

test('keeps a cause', () => {
  const cause = new Error('why');
  expect(new errors.ConnectionError('lost', 'Lost.', { cause }).cause).toBe(cause);
});
