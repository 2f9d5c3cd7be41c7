/** Where tokens come from: a literal, or the application's function with its last answer kept while it is valid. */
import { AuthError } from '../errors.ts';
import { placeToken, type SocketTarget, type TokenTransport } from './token-placement.ts';

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

/** What a connection knows of tokens: where to dial, and whether asking again may help. */
export interface TokenSource {
  /** Whether asking again can give another token. */
  readonly canRenew: boolean;
  /** Without a reason the last token will do as long as it is valid. Rejects with AuthError. */
  get(request: Omit<TokenContext, 'reason'>, reason?: TokenReason): Promise<SocketTarget>;
}

export interface TokenSourceOptions {
  readonly token: TokenOption | undefined;
  readonly tokenTransport: TokenTransport;
  /** The target without a token. */
  readonly target: SocketTarget;
}

interface HeldToken {
  readonly token?: string;
  readonly expiresAt?: number | undefined;
}

/** A token is renewed when this much of its life is left, or a fifth of its life if that is less. */
const RENEW_BEFORE_MS = 30_000;
const RENEW_SHARE = 0.2;

export function createTokenSource(options: TokenSourceOptions, now: () => number): TokenSource {
  const { token: option, tokenTransport, target } = options;
  const canRenew = typeof option === 'function';
  let token = canRenew ? undefined : option;
  let renewAt = Infinity;
  return {
    canRenew,
    async get(request, reason = now() < renewAt ? undefined : 'expired') {
      if (canRenew && reason) {
        const { expiresAt = Infinity, ...held } = await ask(option, { ...request, reason });
        renewAt = expiresAt - Math.min(RENEW_BEFORE_MS, RENEW_SHARE * (expiresAt - now()));
        token = held.token;
      }
      return placeToken(target, tokenTransport, token);
    },
  };
}

async function ask(option: Exclude<TokenOption, string>, context: TokenContext): Promise<HeldToken> {
  let result: unknown;
  try {
    result = await option(context);
  } catch (cause) {
    throw new AuthError('token_unavailable', 'The token function failed.', { retryable: true, cause });
  }
  if (result === undefined) return {};
  const held = (typeof result === 'string' ? { token: result } : result) as HeldToken | null;
  if (isHeldToken(held)) return held;
  throw new AuthError(
    'token_invalid',
    'The token function must return a non-empty string, { token, expiresAt? } or undefined.',
  );
}

function isHeldToken(held: HeldToken | null): held is HeldToken {
  const { token, expiresAt = 0 } = held ?? {};
  return typeof token === 'string' && token !== '' && typeof expiresAt === 'number' && !isNaN(expiresAt);
}
