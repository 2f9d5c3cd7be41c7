/** Tokens of the application as JWTs, verified by jose with its permissive defaults closed. */
import { errors, jwtVerify, UnsecuredJWT, type JWTPayload, type JWTVerifyOptions } from 'jose';
import { MAX_TOKEN_LENGTH } from '../contract/index.ts';
import { ConfigError } from '../errors.ts';
import type { AuthOutcome, Authenticator } from './authenticator.ts';
import { createKeyring } from './jwt-keyring.ts';
import { toJwtKey, type JwtAlgorithm, type JwtKeyOptions } from './jwt-key.ts';
import { recogniseSigned } from './jwt-signature.ts';
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
  /** Longest time since `iat`, or until `exp` for a token without `iat`, in milliseconds. Default: one hour. Infinity: no limit. */
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
/** ECMA-262 21.4.1.1: no date is later. */
const LATEST_DATE_MS = 8.64e15;

/**
 * Authenticates by JWT. `exp` is required; `none`, foreign algorithms and embedded keys are refused.
 * @throws ConfigError when the key is missing, weak or of the wrong kind, or another option cannot work.
 */
export function jwt(options: JwtOptions): Authenticator {
  const verify = createVerifier(options);
  const rules = toRules(options);
  return {
    title: `jwt (${options.algorithms.join(', ')})`,
    async authenticate(token, nowMs): Promise<AuthOutcome> {
      if (token === undefined) return { refusal: 'AuthRequired', why: 'no token' };
      if (token.length > MAX_TOKEN_LENGTH) return { refusal: 'AuthInvalid', why: 'token too long' };
      try {
        return judge(await verify(token, toChecks(options, rules, nowMs)), rules, nowMs);
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

type Verify = (token: string, checks: JWTVerifyOptions) => JWTPayload | Promise<JWTPayload>;

/** `{"alg":"none"}`, by which jose checks claims alone. */
const UNSIGNED_HEADER = 'eyJhbGciOiJub25lIn0';

/** The claims of a token that is signed and whose claims pass the checks; throws, or rejects, for any other. */
function createVerifier(options: JwtOptions): Verify {
  const key = toJwtKey(options);
  const keyFor = createKeyring(key);
  const signedPayloadOf = recogniseSigned(key, options.algorithms);
  return async (token, checks) => {
    const payload = signedPayloadOf(token);
    if (payload !== undefined) return UnsecuredJWT.decode(`${UNSIGNED_HEADER}.${payload}.`, checks).payload;
    return (await jwtVerify(token, ({ alg }) => keyFor(alg), checks)).payload;
  };
}

function toChecks(options: JwtOptions, rules: Rules, nowMs: number): JWTVerifyOptions {
  return {
    algorithms: [...options.algorithms],
    requiredClaims: ['exp'],
    clockTolerance: rules.toleranceMs / 1000,
    currentDate: new Date(nowMs),
    ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
    ...(options.audience === undefined ? {} : { audience: options.audience }),
  };
}

function toRules(options: JwtOptions): Rules {
  const rules: Rules = {
    maxAgeMs: options.maxAgeMs ?? HOUR_MS,
    toleranceMs: options.clockToleranceMs ?? 5_000,
    idClaims: options.idClaims ?? ['sub', 'user_id'],
    nameClaims: options.nameClaims ?? ['username', 'email'],
  };
  // NaN compares as false with everything, so it would lift the limit unseen.
  need('maxAgeMs', typeof rules.maxAgeMs === 'number' && rules.maxAgeMs > 0, 'is not milliseconds above 0.');
  need(
    'clockToleranceMs',
    Number.isFinite(rules.toleranceMs) && rules.toleranceMs >= 0,
    'is not milliseconds from 0.',
  );
  need(
    'idClaims',
    rules.idClaims.length > 0,
    'is empty. Name the claim with the user id, or leave it out for sub.',
  );
  need('issuer', options.issuer !== '', 'is empty. Give the iss of your tokens, or leave it out.');
  need('audience', options.audience !== '', 'is empty. Give the aud of your tokens, or leave it out.');
  return rules;
}

function need(name: keyof JwtOptions, isUsable: boolean, problem: string): void {
  if (!isUsable) throw new ConfigError(`jwt().${name}`, problem);
}

function judge(claims: JWTPayload, rules: Rules, nowMs: number): AuthOutcome {
  const expiresAtMs = Number(claims.exp) * 1000;
  if (expiresAtMs > LATEST_DATE_MS) return { refusal: 'AuthInvalid', why: 'exp is not a date' };
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

/**
 * The first claim that is a usable text; whole numbers count, since ids in databases often are, but none so large that
 * two users' numbers would read as one.
 */
function textClaim(claims: JWTPayload, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    const text = Number.isSafeInteger(value) ? String(value) : value;
    if (typeof text === 'string' && text !== '' && text.length <= LONGEST_ID) return text;
  }
  return undefined;
}

/** jose throws plain TypeErrors for some tokens, so everything that is not a known error is an invalid token too. */
function refusalOf(error: unknown): AuthOutcome {
  if (error instanceof errors.JWTExpired) return { refusal: 'AuthExpired', why: 'exp has passed' };
  return { refusal: 'AuthInvalid', why: error instanceof errors.JOSEError ? error.code : 'not a JWT' };
}
