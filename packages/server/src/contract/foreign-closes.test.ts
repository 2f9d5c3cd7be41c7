import { describe, expect, it } from 'vitest';
import { CLOSE_ROWS } from './close-codes.ts';
import { FOREIGN_CLOSES, foreignRetryOf } from './foreign-closes.ts';

describe('foreignRetryOf', () => {
  it.each([
    { code: 1000, retry: 'never' },
    { code: 1001, retry: 'back-off' },
    { code: 1005, retry: 'never' },
    { code: 1006, retry: 'back-off' },
    { code: 1008, retry: 'new-credential' },
    { code: 1013, retry: 'after-wait' },
    { code: 1015, retry: 'back-off' },
    { code: 3000, retry: 'back-off' },
    { code: 3999, retry: 'back-off' },
    { code: 4000, retry: 'never' },
    { code: 4401, retry: 'new-credential' },
    { code: 4499, retry: 'never' },
    { code: 4500, retry: 'never' },
    { code: 4501, retry: 'back-off' },
    { code: 4999, retry: 'back-off' },
    { code: 0, retry: 'back-off' },
    { code: NaN, retry: 'back-off' },
  ])('answers $code with $retry', ({ code, retry }) => {
    expect(foreignRetryOf(code)).toBe(retry);
  });

  it('knows every number of our own table, for peers that send it without our word', () => {
    for (const { code } of Object.values(CLOSE_ROWS)) expect(FOREIGN_CLOSES[code]).toBeDefined();
  });

  it('never sends a client back at once: an unknown number is final or waits', () => {
    const codes = Array.from({ length: 4_100 }, (_, index) => 900 + index);
    const unknown = codes.filter((code) => FOREIGN_CLOSES[code] === undefined);
    expect(new Set(unknown.map(foreignRetryOf))).toEqual(new Set(['back-off', 'never']));
  });
});
