/**
 * What servers other than voxproxy send, and how a client reacts to each number. Our own closes are known by their
 * word (close-codes.ts); this table speaks only when the word is not ours.
 */
import type { RetryClass } from './close-codes.ts';

export interface ForeignClose {
  readonly retry: RetryClass;
  readonly meaning: string;
}

const close = (retry: RetryClass, meaning: string): ForeignClose => ({ retry, meaning });

/** By close code: RFC 6455 7.4.1, its registry, and the 44xx codes that graphql-ws and voice vendors share. */
export const FOREIGN_CLOSES: Readonly<Record<number, ForeignClose>> = {
  1000: close('never', 'normal end'),
  1001: close('back-off', 'server going away'),
  1002: close('never', 'protocol error'),
  1003: close('never', 'unsupported kind of frame'),
  1005: close('never', 'end without a code'),
  1006: close('back-off', 'connection lost'),
  1007: close('never', 'invalid payload'),
  1008: close('new-credential', 'policy, most often the token'),
  1009: close('never', 'message too large'),
  1010: close('never', 'extension missing'),
  1011: close('back-off', 'server error'),
  1012: close('back-off', 'server restarts'),
  1013: close('after-wait', 'server busy'),
  1014: close('back-off', 'bad gateway'),
  4400: close('never', 'bad request'),
  4401: close('new-credential', 'token refused'),
  4403: close('never', 'forbidden'),
  4404: close('never', 'not found'),
  4408: close('never', 'idle or initialisation timeout'),
  4409: close('never', 'superseded by another connection'),
  4413: close('never', 'message too large'),
  4429: close('after-wait', 'rate limited'),
  4500: close('never', 'server misconfigured'),
  4502: close('back-off', 'bad gateway'),
  4504: close('back-off', 'gateway timeout'),
};

/** The reaction to a number that no table knows: client faults (below 4500) are final, server faults are not. */
export function foreignRetryOf(code: number): RetryClass {
  const known = FOREIGN_CLOSES[code];
  if (known) return known.retry;
  return code >= 4000 && code < 4500 ? 'never' : 'back-off';
}
