/** Decides after each close whether to try again, with which credential and after which wait; pure. */
import type { Wait } from './backoff.ts';
import { isRestart, isServerFault, isUnopened, readClose, type SocketClose } from './socket-close.ts';

/** What went wrong since the last stable connection; all but `attempt` count closes of one kind in a row. */
export interface Tally {
  readonly attempt: number;
  readonly refusals: number;
  readonly unopened: number;
  readonly serverFaults: number;
}

export const EMPTY_TALLY: Tally = { attempt: 0, refusals: 0, unopened: 0, serverFaults: 0 };

export interface RetryRules {
  readonly mayReconnect: boolean;
  /** Whether a fresh token can be had. */
  readonly canRenew: boolean;
  /** Longest stated wait that is obeyed. */
  readonly maxRetryAfterMs: number;
}

export type Verdict =
  | { readonly retry: false }
  | { readonly retry: true; readonly wait: Wait; readonly renew?: 'rejected' | 'suspect' };

const MAX_REFUSALS = 1;
const MAX_SERVER_FAULTS = 3;
/** A refused handshake looks like a lost network; from this one on, the token is suspected. */
const SUSPECT_FROM = 2;
const END: Verdict = { retry: false };

/** The tally with one more close in it. */
export function countClose(tally: Tally, close: SocketClose): Tally {
  return {
    attempt: tally.attempt + 1,
    refusals: inARow(readClose(close).retry === 'new-credential', tally.refusals),
    unopened: inARow(isUnopened(close), tally.unopened),
    serverFaults: inARow(isServerFault(close), tally.serverFaults),
  };
}

/** `tally` already contains the close. */
export function judgeClose(close: SocketClose, tally: Tally, rules: RetryRules): Verdict {
  const { retry, retryAfterMs } = readClose(close);
  const { canRenew } = rules;
  if (!rules.mayReconnect || retry === 'never') return END;
  if (retry === 'new-credential') {
    const mayRenew = canRenew && tally.refusals <= MAX_REFUSALS;
    return mayRenew ? { retry: true, wait: { kind: 'none' }, renew: 'rejected' } : END;
  }
  if (retry === 'after-wait' && retryAfterMs !== undefined) {
    const isObeyed = retryAfterMs <= rules.maxRetryAfterMs;
    return isObeyed ? { retry: true, wait: { kind: 'stated', ms: retryAfterMs } } : END;
  }
  if (tally.serverFaults > MAX_SERVER_FAULTS) return END;
  const isSuspect = canRenew && tally.unopened >= SUSPECT_FROM;
  const wait: Wait = isRestart(close) && tally.attempt === 1 ? { kind: 'spread' } : backOff(tally);
  return { retry: true, wait, ...(isSuspect && { renew: 'suspect' }) };
}

/** The wait after `tally.attempt` failures. */
export function backOff({ attempt }: Tally): Wait {
  return { kind: 'back-off', retry: attempt - 1 };
}

const inARow = (isOneMore: boolean, count: number): number => (isOneMore ? count + 1 : 0);
