/** The one table of closes that a voxproxy server sends. The numbers follow RFC 6455 7.4; nothing else may contain them. */

/**
 * What a client does after a close:
 * - `never`: the session is over, trying again cannot help;
 * - `back-off`: dial again after a growing, jittered wait;
 * - `new-credential`: ask for a fresh token or ticket first, once;
 * - `after-wait`: dial again when the stated time has passed, or after a back-off when none was stated.
 */
export type RetryClass = 'never' | 'back-off' | 'new-credential' | 'after-wait';

/** Who sends a row today. `reserved` rows are fixed now so that an older client reacts well to a newer server. */
export type CloseSender = 'server' | 'reserved';

export interface CloseRow {
  /** Close status code, RFC 6455 7.4.1. */
  readonly code: number;
  /** The word that carries the meaning; it opens the close reason and is the `code` in error frames and bodies. */
  readonly word: string;
  /** The status when the same refusal is told over plain HTTP; 0 where it can only follow an open socket. */
  readonly httpStatus: number;
  readonly retry: RetryClass;
  readonly sender: CloseSender;
}

export type CloseName =
  | 'IdleTimeout'
  | 'SessionLimit'
  | 'AuthRequired'
  | 'AuthInvalid'
  | 'AuthExpired'
  | 'OriginDenied'
  | 'BadRequest'
  | 'PolicyViolation'
  | 'BudgetSpent'
  | 'ProtocolError'
  | 'KindDenied'
  | 'BadPayload'
  | 'TooLarge'
  | 'RateLimited'
  | 'TooManySessions'
  | 'AuthUnavailable'
  | 'UpstreamAuth'
  | 'UpstreamUnavailable'
  | 'UpstreamTimeout'
  | 'Stalled'
  | 'Internal'
  | 'Draining';

const row = (code: number, word: string, httpStatus: number, retry: RetryClass): CloseRow => ({
  code,
  word,
  httpStatus,
  retry,
  sender: 'server',
});
const reserved = (later: CloseRow): CloseRow => ({ ...later, sender: 'reserved' });

export const CLOSE_ROWS: Readonly<Record<CloseName, CloseRow>> = {
  IdleTimeout: row(1000, 'idle_timeout', 0, 'never'),
  SessionLimit: row(1000, 'session_limit', 0, 'never'),
  AuthRequired: row(1008, 'auth_required', 401, 'new-credential'),
  AuthInvalid: row(1008, 'auth_invalid', 401, 'new-credential'),
  AuthExpired: row(1008, 'auth_expired', 401, 'new-credential'),
  OriginDenied: row(1008, 'origin_denied', 403, 'never'),
  BadRequest: row(1008, 'bad_request', 400, 'never'),
  PolicyViolation: row(1008, 'policy_violation', 403, 'never'),
  BudgetSpent: reserved(row(1008, 'budget_spent', 429, 'after-wait')),
  ProtocolError: row(1002, 'protocol_error', 400, 'never'),
  KindDenied: row(1003, 'kind_denied', 0, 'never'),
  BadPayload: row(1007, 'bad_payload', 0, 'never'),
  TooLarge: row(1009, 'too_large', 413, 'never'),
  RateLimited: reserved(row(1013, 'rate_limited', 429, 'after-wait')),
  TooManySessions: reserved(row(1013, 'too_many_sessions', 429, 'after-wait')),
  AuthUnavailable: row(1011, 'auth_unavailable', 503, 'back-off'),
  UpstreamAuth: row(1011, 'upstream_auth', 502, 'back-off'),
  UpstreamUnavailable: row(1011, 'upstream_unavailable', 502, 'back-off'),
  UpstreamTimeout: row(1011, 'upstream_timeout', 504, 'back-off'),
  Stalled: row(1013, 'stalled', 0, 'back-off'),
  Internal: row(1011, 'internal_error', 500, 'back-off'),
  Draining: row(1012, 'draining', 503, 'back-off'),
};

/** The row whose word opens a close reason, or undefined for a reason that is not ours. */
export function closeRowOf(word: string): CloseRow | undefined {
  return Object.values(CLOSE_ROWS).find((known) => known.word === word);
}

/** True for codes that RFC 6455 7.4 lets an endpoint put into a close frame. */
export function mayBeSent(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

/** The codes that state a plain end: a normal closure, or a close frame without a code (RFC 6455 7.1.5). */
export const NORMAL_CLOSURE = 1000;
export const NO_STATUS = 1005;
/** What a socket API reports when the connection ended without a close frame (RFC 6455 7.1.5). */
export const ABNORMAL_CLOSURE = 1006;
