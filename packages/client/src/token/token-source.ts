/** Where tokens come from: a literal, or the application's function with its last answer kept while it is valid. */
import { AuthError } from '../errors.ts';

/**
 * Why a token is asked for:
 * - `initial`: connect() was called;
 * - `rejected`: the server refused the last one;
 * - `suspect`: the handshake failed repeatedly, which is all that a browser tells of a refused token;
 * - `expired`: the last one is past its `expiresAt`, or about to be.
 */
export type TokenReason = 'initial' | 'rejected' | 'suspect' | 'expired';

export interface TokenContext {
  readonly reason: TokenReason;
  /** Attempts that failed so far. */
  readonly attempt: number;
  /** Aborts when the token is no longer wanted. */
  readonly signal: AbortSignal;
}

/** `expiresAt` is in milliseconds since the epoch; undefined connects without a token. */
export type TokenResult = string | { token: string; expiresAt?: number } | undefined;

export type TokenOption = string | ((context: TokenContext) => TokenResult | Promise<TokenResult>);

export interface TokenSource {
  /** Whether asking again can give another token. */
  readonly canRenew: boolean;
  /** Without a reason the last token will do as long as it is valid. Rejects with AuthError only. */
  get(request: Omit<TokenContext, 'reason'>, reason?: TokenReason): Promise<string | undefined>;
}

/** A token is renewed when this much of its life is left, or a fifth of its life if that is less. */
const RENEW_BEFORE_MS = 30_000;
const RENEW_SHARE = 0.2;

export function createTokenSource(option: TokenOption | undefined, now: () => number): TokenSource {
  if (typeof option !== 'function') return { canRenew: false, get: async () => option };
  let token: string | undefined;
  let renewAt = Infinity;
  return {
    canRenew: true,
    async get(request, reason = now() < renewAt ? undefined : 'expired') {
      if (!reason) return token;
      const { token: fresh, expiresAt = Infinity } = await ask(option, { ...request, reason });
      renewAt = expiresAt - Math.min(RENEW_BEFORE_MS, RENEW_SHARE * (expiresAt - now()));
      token = fresh;
      return token;
    },
  };
}

async function ask(
  option: Exclude<TokenOption, string>,
  context: TokenContext,
): Promise<{ token?: string; expiresAt?: number }> {
  let result: unknown;
  try {
    result = await option(context);
  } catch (cause) {
    throw new AuthError('token_unavailable', 'The token function failed.', { retryable: true, cause });
  }
  if (result === undefined) return {};
  const { token, expiresAt } = (typeof result === 'string' ? { token: result } : (result ?? {})) as {
    token?: unknown;
    expiresAt?: unknown;
  };
  if (typeof token !== 'string' || token === '' || !isMoment(expiresAt)) {
    throw new AuthError(
      'token_invalid',
      'The token function must return a non-empty string, { token, expiresAt? } or undefined.',
    );
  }
  return { token, ...(expiresAt !== undefined && { expiresAt }) };
}

const isMoment = (value: unknown): value is number | undefined =>
  value === undefined || (typeof value === 'number' && !Number.isNaN(value));
