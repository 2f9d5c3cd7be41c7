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
    refusals: readClose(close).retry === 'new-credential' ? tally.refusals + 1 : 0,
    unopened: isUnopened(close) ? tally.unopened + 1 : 0,
    serverFaults: isServerFault(close) ? tally.serverFaults + 1 : 0,
  };
}

/** `tally` already contains the close. */
export function judgeClose(close: SocketClose, tally: Tally, rules: RetryRules): Verdict {
  const { retry, retryAfterMs } = readClose(close);
  switch (retry) {
    case 'never':
      return END;
    case 'new-credential':
      return rules.canRenew && tally.refusals <= MAX_REFUSALS
        ? { retry: true, wait: { kind: 'none' }, renew: 'rejected' }
        : END;
    case 'after-wait':
      if (retryAfterMs === undefined) return backOff(tally);
      return retryAfterMs > rules.maxRetryAfterMs
        ? END
        : { retry: true, wait: { kind: 'stated', ms: retryAfterMs } };
    case 'back-off':
      if (tally.serverFaults > MAX_SERVER_FAULTS) return END;
      if (isRestart(close) && tally.attempt === 1) return { retry: true, wait: { kind: 'spread' } };
      return tally.unopened >= SUSPECT_FROM && rules.canRenew
        ? { ...backOff(tally), renew: 'suspect' }
        : backOff(tally);
  }
}

/** The wait after `tally.attempt` failures, also of the token function. */
export function backOff(tally: Tally): Verdict & { retry: true } {
  return { retry: true, wait: { kind: 'back-off', retry: tally.attempt - 1 } };
}
