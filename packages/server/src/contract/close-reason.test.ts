import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOSE_ROWS } from './close-codes.ts';
import { fitCloseReason, readCloseReason, toCloseReason } from './close-reason.ts';
import { MAX_CLOSE_REASON_BYTES } from './wire-limits.ts';

const row = fc.constantFrom(...Object.values(CLOSE_ROWS));
/** Every kind of text, also lone surrogates and long runs of wide characters. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(fc.constantFrom('a', 'é', '€', '😀', '\ud800', '\udc00', '\u0000'), { maxLength: 200 })
    .map((one) => one.join('')),
);

describe('fitCloseReason', () => {
  it('keeps the longest prefix that fits, cut between characters', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const kept = fitCloseReason(whole);
        const next = [...whole.slice(kept.length)][0] ?? '';
        expect(whole.startsWith(kept)).toBe(true);
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(MAX_CLOSE_REASON_BYTES);
        expect(next === '' || Buffer.byteLength(kept + next) > MAX_CLOSE_REASON_BYTES).toBe(true);
      }),
    );
  });

  it('leaves valid UTF-8 behind whenever it was given a well-formed text', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 30, maxLength: 300 }), (whole) => {
        expect(decoder.decode(Buffer.from(fitCloseReason(whole)))).toBe(fitCloseReason(whole));
      }),
    );
  });

  it.each([
    { title: 'nothing', whole: '', kept: '' },
    { title: 'exactly 123 bytes', whole: 'x'.repeat(123), kept: 'x'.repeat(123) },
    { title: 'one byte too many', whole: 'x'.repeat(124), kept: 'x'.repeat(123) },
    { title: 'a wide character across the end', whole: `${'x'.repeat(121)}😀`, kept: 'x'.repeat(121) },
    { title: 'a wide character up to the end', whole: `${'x'.repeat(119)}😀y`, kept: `${'x'.repeat(119)}😀` },
    { title: 'three-byte characters', whole: '€'.repeat(42), kept: '€'.repeat(41) },
  ])('handles $title', ({ whole, kept }) => {
    expect(fitCloseReason(whole)).toBe(kept);
  });
});

describe('toCloseReason and readCloseReason', () => {
  it('are each other’s inverse, with the wait rounded up to whole seconds', () => {
    fc.assert(
      fc.property(row, fc.nat(9_999_999_000), (one, ms) => {
        const read = readCloseReason(toCloseReason(one, ms));
        expect(read).toEqual({ word: one.word, retryAfterMs: Math.ceil(ms / 1000) * 1000 });
        expect(readCloseReason(toCloseReason(one))).toEqual({ word: one.word });
      }),
    );
  });

  it.each([
    { reason: '', read: { word: '' } },
    { reason: '   ', read: { word: '' } },
    { reason: '  draining  ', read: { word: 'draining' } },
    { reason: 'rate_limited retry_after=12 more', read: { word: 'rate_limited', retryAfterMs: 12_000 } },
    { reason: 'rate_limited retry_after=0', read: { word: 'rate_limited', retryAfterMs: 0 } },
    { reason: 'retry_after=3', read: { word: 'retry_after=3', retryAfterMs: 3_000 } },
    { reason: 'x retry_after=-1', read: { word: 'x' } },
    { reason: 'x retry_after=1.5', read: { word: 'x' } },
    { reason: 'x retry_after=1e9', read: { word: 'x' } },
    { reason: 'x retry_after=99999999', read: { word: 'x' } },
    { reason: 'x not_retry_after=5', read: { word: 'x' } },
    { reason: 'Connection closed by peer', read: { word: 'Connection' } },
  ])('reads $reason', ({ reason, read }) => {
    expect(readCloseReason(reason)).toEqual(read);
  });

  it('reads any foreign reason without failing', () => {
    fc.assert(fc.property(text, (reason) => typeof readCloseReason(reason).word === 'string'));
  });
});
