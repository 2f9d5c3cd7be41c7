import { describe, expect, it } from 'vitest';
import { checkHttpUrl } from './http-url.ts';

describe('checkHttpUrl', () => {
  it.each([
    'https://api.test/v1',
    'https://api.test',
    'http://127.0.0.1:8/x',
    'http://localhost',
    'http://[::1]:9/',
  ])('takes %s as it is', (url) => {
    expect(checkHttpUrl('o', url)).toBe(url);
  });

  it.each([
    ['', 'is not a URL'],
    ['api.test/v1', 'is not a URL'],
    [' https://api.test', 'is not a URL'],
    ['wss://api.test', 'starts with wss:'],
    ['file:///etc/passwd', 'starts with file:'],
    ['http://api.test', 'is not encrypted'],
    ['http://127.0.0.1.evil.test', 'is not encrypted'],
    ['https://user:private@api.test', 'must not hold'],
    ['https://api.test/?key=private', 'must not hold'],
    ['https://api.test/#private', 'must not hold'],
  ])('refuses %j, which %s', (url, problem) => {
    expect(() => checkHttpUrl('o', url)).toThrow(`o: ${problem}`);
    expect(() => checkHttpUrl('o', url)).not.toThrow('private');
  });
});
