/** Tokens of the application as JWTs, verified by jose with its permissive defaults closed. */
import { errors, jwtVerify, type JWTPayload } from 'jose';
import { MAX_TOKEN_LENGTH } from '../contract/index.ts';
import type { AuthOutcome, Authenticator } from './authenticator.ts';
import { toJwtKey, type JwtAlgorithm, type JwtKeyOptions } from './jwt-key.ts';
import type { Principal } from './principal.ts';

export interface JwtOptions extends JwtKeyOptions {
  /** Signing secret for HS256, HS384 and HS512; at least 32 bytes, or tokens can be forged by guessing it. */
  secret?: string | undefined;
  /** PEM text of the public key (SPKI) for the other algorithms. */
  publicKey?: string | undefined;
  /** Accepted algorithms, written out: a token never chooses for itself (algorithm confusion). No default. */
  algorithms: readonly JwtAlgorithm[];
  /** Required `iss`. Default: not checked. */
  issuer?: string | undefined;
  /** Required `aud`. Default: not checked; set it when other services' tokens are signed with the same key. */
  audience?: string | undefined;
  /** Longest time since `iat`, or until `exp` for a token without `iat`, in milliseconds. Default: one hour. */
  maxAgeMs?: number | undefined;
  /** Allowed difference between the clocks, in milliseconds. Default: five seconds. */
  clockToleranceMs?: number | undefined;
  /** Claims that may name the user, the first present wins. Default: `sub`, `user_id`. */
  idClaims?: readonly string[] | undefined;
  /** Claims that may hold a name for people. Default: `username`, `email`. */
  nameClaims?: readonly string[] | undefined;
  /** Accepts a secret shorter than 32 bytes. Default: false. For clients of an old system only. */
  allowWeakSecret?: boolean | undefined;
}

interface Rules {
  readonly maxAgeMs: number;
  readonly toleranceMs: number;
  readonly idClaims: readonly string[];
  readonly nameClaims: readonly string[];
}

const HOUR_MS = 3_600_000;
const LONGEST_ID = 256;

/**
 * Authenticates by JWT. `exp` is required; `none`, foreign algorithms and embedded keys are refused.
 * @throws ConfigError when the key is missing, weak or of the wrong kind.
 */
export function jwt(options: JwtOptions): Authenticator {
  const key = toJwtKey(options);
  const rules: Rules = {
    maxAgeMs: options.maxAgeMs ?? HOUR_MS,
    toleranceMs: options.clockToleranceMs ?? 5_000,
    idClaims: options.idClaims ?? ['sub', 'user_id'],
    nameClaims: options.nameClaims ?? ['username', 'email'],
  };
  const verify = (token: string, nowMs: number) =>
    jwtVerify(token, key, {
      algorithms: [...options.algorithms],
      requiredClaims: ['exp'],
      clockTolerance: rules.toleranceMs / 1000,
      currentDate: new Date(nowMs),
      ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
      ...(options.audience === undefined ? {} : { audience: options.audience }),
    });
  return {
    title: `jwt (${options.algorithms.join(', ')})`,
    async authenticate(token, nowMs): Promise<AuthOutcome> {
      if (token === undefined) return { refusal: 'AuthRequired', why: 'no token' };
      if (token.length > MAX_TOKEN_LENGTH) return { refusal: 'AuthInvalid', why: 'token too long' };
      try {
        return judge((await verify(token, nowMs)).payload, rules, nowMs);
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

function judge(claims: JWTPayload, rules: Rules, nowMs: number): AuthOutcome {
  const expiresAtMs = Number(claims.exp) * 1000;
  const issuedAtMs = claims.iat === undefined ? undefined : claims.iat * 1000;
  if (issuedAtMs !== undefined && issuedAtMs > nowMs + rules.toleranceMs) {
    return { refusal: 'AuthInvalid', why: 'iat is in the future' };
  }
  const ageMs = issuedAtMs === undefined ? rules.maxAgeMs - (expiresAtMs - nowMs) : nowMs - issuedAtMs;
  const isTooOld =
    issuedAtMs === undefined ? ageMs < -rules.toleranceMs : ageMs > rules.maxAgeMs + rules.toleranceMs;
  if (isTooOld)
    return { refusal: 'AuthExpired', why: 'older, or valid for longer, than jwt().maxAgeMs allows' };
  const id = textClaim(claims, rules.idClaims);
  if (id === undefined)
    return { refusal: 'AuthInvalid', why: `none of the claims ${rules.idClaims.join(', ')}` };
  return { principal: toPrincipal(id, textClaim(claims, rules.nameClaims), expiresAtMs) };
}

function toPrincipal(id: string, name: string | undefined, expiresAtMs: number): Principal {
  return name === undefined ? { id, expiresAtMs } : { id, name, expiresAtMs };
}

/** The first claim that is a usable text; numbers count, since ids in databases often are. */
function textClaim(claims: JWTPayload, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text === 'string' && text !== '' && text.length <= LONGEST_ID) return text;
  }
  return undefined;
}

/** jose throws plain TypeErrors for some tokens, so everything that is not a known error is an invalid token too. */
function refusalOf(error: unknown): AuthOutcome {
  if (error instanceof errors.JWTExpired) return { refusal: 'AuthExpired', why: 'exp has passed' };
  return { refusal: 'AuthInvalid', why: error instanceof errors.JOSEError ? error.code : 'not a JWT' };
}
