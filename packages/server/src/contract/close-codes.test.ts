import { STATUS_CODES } from 'node:http';
import { describe, expect, it } from 'vitest';
import { frame, judge } from '../../test/support/frame-bytes.ts';
import { CLOSE_ROWS, closeRowOf, mayBeSent } from './close-codes.ts';
import { fitCloseReason, toCloseReason } from './close-reason.ts';
import { ERROR_MESSAGES } from './error-words.ts';

const rows = Object.entries(CLOSE_ROWS);

/** Whether the `ws` package, as the receiving end, takes a close frame with this code. */
async function isTaken(code: number): Promise<boolean> {
  const { close } = await judge(frame(0x88, Buffer.from([code >> 8, code & 255])), { isMasked: false });
  return close?.code === code;
}

describe('CLOSE_ROWS', () => {
  it('is the table that clients in the field were built against', () => {
    const lines = rows.map(([name, row]) => `${name} ${Object.values(row).join(' ')}`);
    expect(lines).toEqual([
      'IdleTimeout 1000 idle_timeout 0 never server',
      'SessionLimit 1000 session_limit 0 never server',
      'AuthRequired 1008 auth_required 401 new-credential server',
      'AuthInvalid 1008 auth_invalid 401 new-credential server',
      'AuthExpired 1008 auth_expired 401 new-credential server',
      'OriginDenied 1008 origin_denied 403 never server',
      'BadRequest 1008 bad_request 400 never server',
      'PolicyViolation 1008 policy_violation 403 never server',
      'BudgetSpent 1008 budget_spent 429 after-wait reserved',
      'ProtocolError 1002 protocol_error 400 never server',
      'KindDenied 1003 kind_denied 0 never server',
      'BadPayload 1007 bad_payload 0 never server',
      'TooLarge 1009 too_large 413 never server',
      'RateLimited 1013 rate_limited 429 after-wait reserved',
      'TooManySessions 1013 too_many_sessions 429 after-wait reserved',
      'AuthUnavailable 1011 auth_unavailable 503 back-off server',
      'UpstreamAuth 1011 upstream_auth 502 back-off server',
      'UpstreamUnavailable 1011 upstream_unavailable 502 back-off server',
      'UpstreamTimeout 1011 upstream_timeout 504 back-off server',
      'Stalled 1013 stalled 0 back-off server',
      'Internal 1011 internal_error 500 back-off server',
      'Draining 1012 draining 503 back-off server',
    ]);
  });

  it('gives every row a word of its own, since the word carries the meaning', () => {
    const words = rows.map(([, row]) => row.word);
    expect(new Set(words).size).toBe(words.length);
    for (const word of words) expect(word).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });

  it.each(rows)(
    '%s may be sent, fits a close frame with its longest wait, and has a real status',
    (_, row) => {
      const reason = toCloseReason(row, 9_999_999_000);
      expect(mayBeSent(row.code)).toBe(true);
      expect(fitCloseReason(reason)).toBe(reason);
      expect(row.httpStatus === 0 || STATUS_CODES[row.httpStatus] !== undefined).toBe(true);
    },
  );

  it('asks for a new credential exactly where the status is 401', () => {
    for (const [, row] of rows) expect(row.retry === 'new-credential').toBe(row.httpStatus === 401);
  });

  it('has one fixed sentence a row', () => {
    expect(Object.keys(ERROR_MESSAGES)).toEqual(Object.keys(CLOSE_ROWS));
    const sentences = Object.values(ERROR_MESSAGES);
    expect(new Set(sentences).size).toBe(sentences.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z][^{}$%]+\.$|^[A-Z].*\?token=\.$/);
  });
});

describe('closeRowOf', () => {
  it.each(rows)('finds %s by its word', (_, row) => {
    expect(closeRowOf(row.word)).toBe(row);
  });

  it.each(['', ' ', 'AUTH_REQUIRED', 'auth_required ', 'AuthRequired', 'constructor', '__proto__', '1008'])(
    'knows no row for %j',
    (word) => {
      expect(closeRowOf(word)).toBeUndefined();
    },
  );
});

describe('mayBeSent', () => {
  it('agrees with another implementation of RFC 6455 on every 16-bit code that matters', async () => {
    const codes = [...Array.from({ length: 5_100 }, (_, code) => code), 9_999, 65_535];
    const taken = await Promise.all(codes.map(isTaken));
    expect(codes.filter(mayBeSent)).toEqual(codes.filter((_, index) => taken[index]));
  });

  it.each([NaN, -1, Infinity, -Infinity, 1_000_000, 401, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000])(
    'refuses %s',
    (code) => {
      expect(mayBeSent(code)).toBe(false);
    },
  );
});
