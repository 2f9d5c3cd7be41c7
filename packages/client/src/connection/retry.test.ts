/** Which close leads to which reaction. */
import { describe, expect, test } from 'vitest';
import { closed, closedBy, closedLike, lost, notOpened, timedOut } from '../../test/support/closes.ts';
import { NO_STATUS, NORMAL_CLOSURE } from '../contract.ts';
import { EMPTY_TALLY, countClose, judgeClose, type RetryRules, type Verdict } from './retry.ts';
import type { SocketClose } from './socket-close.ts';

const rules: RetryRules = { mayReconnect: true, canRenew: true, maxRetryAfterMs: 60_000 };

/** The verdict on the last of several closes in a row. */
function verdictOn(closes: SocketClose[], changed: Partial<RetryRules> = {}): Verdict {
  const tally = closes.reduce(countClose, EMPTY_TALLY);
  return judgeClose(closes.at(-1) ?? lost, tally, { ...rules, ...changed });
}

/** A word for each reaction. */
function reactionTo(closes: SocketClose[], changed?: Partial<RetryRules>): string {
  const verdict = verdictOn(closes, changed);
  if (!verdict.retry) return 'end';
  return `${verdict.wait.kind}${verdict.renew ? ` ${verdict.renew}` : ''}`;
}

const table: [string, SocketClose, string][] = [
  ['a normal end', closed(NORMAL_CLOSURE), 'end'],
  ['an end without a code', closed(NO_STATUS), 'end'],
  ['the idle timeout', closedBy('IdleTimeout'), 'end'],
  ['the session limit', closedBy('SessionLimit'), 'end'],
  ['a missing token', closedBy('AuthRequired'), 'none rejected'],
  ['an expired token', closedBy('AuthExpired'), 'none rejected'],
  ['a foreign policy close', closedLike('AuthInvalid'), 'none rejected'],
  ['a foreign refusal of the token', closed(4401, 'Unauthorized'), 'none rejected'],
  ['a foreign origin', closedBy('OriginDenied'), 'end'],
  ['a bad request', closedBy('BadRequest'), 'end'],
  ['a breach of the protocol', closedLike('ProtocolError'), 'end'],
  ['a frame that is too large', closedLike('TooLarge'), 'end'],
  ['a spent budget with a wait', closedBy('BudgetSpent', ' retry_after=30'), 'stated'],
  ['a rate limit with a wait', closedBy('RateLimited', ' retry_after=60'), 'stated'],
  ['a rate limit with too long a wait', closedBy('RateLimited', ' retry_after=61'), 'end'],
  ['a rate limit without a wait', closedBy('RateLimited'), 'back-off'],
  ['a foreign rate limit', closed(4429), 'back-off'],
  ['a client that was too slow', closedBy('Stalled'), 'back-off'],
  ['an upstream that is not there', closedBy('UpstreamUnavailable'), 'back-off'],
  ['a restart', closedBy('Draining'), 'spread'],
  ['a foreign restart', closedLike('Draining'), 'spread'],
  ['a server going away', closed(1001), 'back-off'],
  ['a lost connection', lost, 'back-off'],
  ['a failed handshake', notOpened, 'back-off'],
  ['a handshake that took too long', timedOut, 'back-off'],
  ['an unknown client fault', closed(4123), 'end'],
  ['an unknown server fault', closed(4567), 'back-off'],
];

test.each(table)('reacts to %s', (_, close, reaction) => {
  expect(reactionTo([close])).toBe(reaction);
});

test('ends at the first failure when it may not reconnect', () => {
  expect(reactionTo([lost], { mayReconnect: false })).toBe('end');
  expect(reactionTo([closedBy('AuthExpired')], { mayReconnect: false })).toBe('end');
});

test('asks for the stated time, the frame before the reason', () => {
  const close = closedBy('RateLimited', ' retry_after=30');
  expect(verdictOn([close])).toMatchObject({ wait: { kind: 'stated', ms: 30_000 } });
  const told = { ...close, frame: { code: 'rate_limited', message: '', retryAfterMs: 29_400 } };
  expect(verdictOn([told])).toMatchObject({ wait: { kind: 'stated', ms: 29_400 } });
});

test('doubles the back-off with each failure', () => {
  expect(verdictOn([lost])).toMatchObject({ wait: { retry: 0 } });
  expect(verdictOn([lost, notOpened, timedOut])).toMatchObject({ wait: { retry: 2 } });
});

describe('a refused token', () => {
  test('is renewed once in a row', () => {
    expect(reactionTo([closedBy('AuthExpired'), closedBy('AuthInvalid')])).toBe('end');
    expect(reactionTo([closedBy('AuthExpired'), lost, closedBy('AuthExpired')])).toBe('none rejected');
  });

  test('is final when no other can be had', () => {
    expect(reactionTo([closedBy('AuthExpired')], { canRenew: false })).toBe('end');
  });

  test('is suspected from the second failed handshake in a row on', () => {
    expect(reactionTo([notOpened, notOpened])).toBe('back-off suspect');
    expect(reactionTo([notOpened, lost, notOpened])).toBe('back-off');
    expect(reactionTo([notOpened, timedOut, notOpened])).toBe('back-off');
    expect(reactionTo([notOpened, notOpened], { canRenew: false })).toBe('back-off');
  });
});

test('gives a failing server three more chances in a row', () => {
  const fault = closedBy('UpstreamAuth');
  expect(reactionTo([fault, fault, fault])).toBe('back-off');
  expect(reactionTo([fault, fault, fault, fault])).toBe('end');
  expect(reactionTo([fault, fault, fault, lost, fault])).toBe('back-off');
});

test('spreads only the first return to a restarting server', () => {
  expect(reactionTo([closedBy('Draining'), closedBy('Draining')])).toBe('back-off');
});
