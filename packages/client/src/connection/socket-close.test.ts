/** How the end of a socket reads. */
import { expect, test } from 'vitest';
import { closed, closedBy, closedLike, lost, notOpened, timedOut } from '../../test/support/closes.ts';
import { CLOSE_ROWS, NO_STATUS } from '../contract.ts';
import { isUnopened, readClose } from './socket-close.ts';

const frameOf = (word: string) => ({ frame: { code: word, message: 'Told.' } });

test('believes the word of the reason before the number', () => {
  expect(readClose(closedBy('OriginDenied'))).toMatchObject({ row: CLOSE_ROWS.OriginDenied, retry: 'never' });
});

test('believes the word of the error frame where the reason was lost, if it fits the number', () => {
  const { code, word } = CLOSE_ROWS.OriginDenied;
  expect(readClose(closed(code, '', frameOf(word))).row).toBe(CLOSE_ROWS.OriginDenied);
  expect(readClose(closedLike('Internal', frameOf(word))).row).toBeUndefined();
});

test('falls back to the number for a reason that is not ours', () => {
  expect(readClose(closedLike('RateLimited'))).toMatchObject({ row: undefined, retry: 'after-wait' });
});

test('calls an end clean when it is meant and in order', () => {
  expect(readClose(closedBy('SessionLimit')).isClean).toBe(true);
  expect(readClose(closed(NO_STATUS)).isClean).toBe(true);
  expect(readClose(closedBy('BadRequest')).isClean).toBe(false);
  expect(readClose(lost).isClean).toBe(false);
});

test('takes a failed handshake for a possible refusal, but not one that took too long', () => {
  expect([lost, notOpened, timedOut].map(isUnopened)).toEqual([false, true, false]);
});
