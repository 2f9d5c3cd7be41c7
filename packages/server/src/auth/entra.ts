/** Users' own tokens of Microsoft Entra ID: who issued them, for whom, until when. Such tokens may go on to the provider that they are for. */
import { createHash } from 'node:crypto';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import { systemClock, type Clock } from '../clock.ts';
import { MAX_TOKEN_LENGTH } from '../contract/index.ts';
import { ConfigError } from '../errors.ts';
import type { AuthOutcome, Authenticator } from './authenticator.ts';
import { ANONYMOUS } from './principal.ts';
import { createRemoteKeys, fixedKeys, isKeySet, type KeySet, type KeySource } from './remote-keys.ts';

export interface EntraOptions {
  /** Id of the directory (tenant) whose users may come in, a GUID. Tokens of every other are refused. */
  tenantId: string;
  /**
   * For whom a token must have been made out, where the route's provider does not say so itself; Azure Voice Live does, one for each of
   * its modes. Default: none, so that such a route lets nobody in.
   */
  audiences?: readonly string[] | undefined;
  /** Application (client) ids that may have asked for the token, by its `azp` or `appid`. Default: any of the tenant. */
  clientIds?: readonly string[] | undefined;
  /** Where the tenant's public keys are, `https:` or on loopback, or the keys themselves. Default: Entra's own address for the tenant. */
  jwks?: string | KeySet | undefined;
  /** Lets clients without a token in as `anonymous`, who then use the operator's key where the route has one. Default false. */
  allowTokenless?: boolean | undefined;
  /** Allowed difference between the clocks, in milliseconds, up to 300 000. Default: five seconds. */
  clockToleranceMs?: number | undefined;
  /** Time and timers of the fetch of keys; for tests. */
  clock?: Clock | undefined;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST_TOLERANCE_MS = 300_000;
const TITLE = 'entra';

interface Rules {
  readonly tenantId: string;
  readonly issuers: string[];
  readonly audiences: readonly string[];
  readonly clientIds: readonly string[] | undefined;
  readonly toleranceMs: number;
}

/** @throws ConfigError when the tenant is no GUID or another option cannot work. */
export function entra(options: EntraOptions): Authenticator {
  const rules = toRules(options);
  const keys = toKeySource(options, rules.tenantId);
  return {
    title: `${TITLE} (${rules.tenantId})`,
    letsTokensPass: true,
    async authenticate(token, nowMs, request): Promise<AuthOutcome> {
      if (token === undefined) return tokenless(options.allowTokenless);
      if (token.length > MAX_TOKEN_LENGTH) return { refusal: 'AuthInvalid', why: 'token too long' };
      const accepted = request?.audiences ?? rules.audiences;
      if (accepted.length === 0) return { refusal: 'AuthInvalid', why: 'entra().audiences is not set' };
      return verify(token, nowMs, { ...rules, audiences: accepted }, keys);
    },
  };
}

export interface UncheckedEntraOptions {
  /** Lets clients without a token in as `anonymous`, who then use the operator's key where the route has one. Default false. */
  allowTokenless?: boolean | undefined;
}

/**
 * Lets in whoever brings any token, unread, and leaves it to the provider to refuse it. Anybody can then have the server dial the provider;
 * limits by user hold for each token alone.
 */
export function uncheckedEntra({ allowTokenless }: UncheckedEntraOptions = {}): Authenticator {
  return {
    title: `${TITLE}, unchecked: the provider alone judges tokens`,
    letsTokensPass: true,
    authenticate(token) {
      if (token === undefined) return Promise.resolve(tokenless(allowTokenless));
      const outcome: AuthOutcome =
        token.length > MAX_TOKEN_LENGTH
          ? { refusal: 'AuthInvalid', why: 'token too long' }
          : { principal: { id: `token-${createHash('sha256').update(token).digest('hex').slice(0, 16)}` } };
      return Promise.resolve(outcome);
    },
  };
}

function tokenless(isAllowed = false): AuthOutcome {
  return isAllowed ? { principal: ANONYMOUS } : { refusal: 'AuthRequired', why: 'no token' };
}

function toRules(options: EntraOptions): Rules {
  const { tenantId, audiences = [], clientIds, clockToleranceMs = 5_000 } = options;
  need('tenantId', typeof tenantId === 'string' && GUID.test(tenantId), 'is not the GUID of a directory.');
  need('audiences', isTexts(audiences), "is not a list of texts. Write it like ['api://my-application'].");
  need('clientIds', clientIds === undefined || isTexts(clientIds), 'is not a list of application ids.');
  need(
    'clockToleranceMs',
    clockToleranceMs >= 0 && clockToleranceMs <= MOST_TOLERANCE_MS,
    `is not milliseconds from 0 to ${MOST_TOLERANCE_MS}.`,
  );
  const tenant = tenantId.toLowerCase();
  // The first is of tokens of version 1, the second of version 2.
  const issuers = [`https://sts.windows.net/${tenant}/`, `https://login.microsoftonline.com/${tenant}/v2.0`];
  return { tenantId: tenant, issuers, audiences, clientIds, toleranceMs: clockToleranceMs };
}

function toKeySource({ jwks, clock = systemClock }: EntraOptions, tenantId: string): KeySource {
  if (typeof jwks === 'object') {
    need('jwks', isKeySet(jwks), 'is no set of public keys. Write it like { keys: [ ... ] }.');
    return fixedKeys(jwks);
  }
  const address = jwks ?? `https://login.microsoftonline.com/${tenantId}/discovery/v2.0/keys`;
  return createRemoteKeys('entra().jwks', address, clock);
}

function need(name: keyof EntraOptions, isUsable: boolean, problem: string): void {
  if (!isUsable) throw new ConfigError(`entra().${name}`, problem);
}

function isTexts(list: unknown): boolean {
  return Array.isArray(list) && list.every((text) => typeof text === 'string' && text !== '');
}

/** Rejects when the keys cannot be had. */
async function verify(token: string, nowMs: number, rules: Rules, keys: KeySource): Promise<AuthOutcome> {
  const checks = {
    algorithms: ['RS256'],
    issuer: rules.issuers,
    // Entra writes some of them with a slash at the end.
    audience: rules.audiences.flatMap((audience) => [audience, `${audience}/`]),
    requiredClaims: ['exp'],
    clockTolerance: rules.toleranceMs / 1000,
    currentDate: new Date(nowMs),
  };
  const check = async (): Promise<AuthOutcome> => verifyBy(await keys.at(nowMs), token, checks, rules);
  const outcome = await check();
  // The tenant may have a new one.
  const isKeyUnknown = 'why' in outcome && outcome.why === errors.JWKSNoMatchingKey.code;
  return isKeyUnknown && (await keys.refresh(nowMs)) ? check() : outcome;
}

async function verifyBy(
  keyFor: Awaited<ReturnType<KeySource['at']>>,
  token: string,
  checks: Parameters<typeof jwtVerify>[2],
  rules: Rules,
): Promise<AuthOutcome> {
  try {
    return judge((await jwtVerify(token, keyFor, checks)).payload, rules);
  } catch (error) {
    return refusalOf(error);
  }
}

function judge(claims: JWTPayload, { tenantId, clientIds }: Rules): AuthOutcome {
  const { tid = tenantId } = claims;
  if (typeof tid !== 'string' || tid.toLowerCase() !== tenantId)
    return { refusal: 'AuthInvalid', why: 'tid is another tenant' };
  const client = claims['azp'] ?? claims['appid'];
  if (clientIds && (typeof client !== 'string' || !clientIds.includes(client)))
    return { refusal: 'AuthInvalid', why: 'the token was asked for by another application' };
  const id = claims['oid'] ?? claims.sub;
  if (typeof id !== 'string' || id === '' || id.length > 256)
    return { refusal: 'AuthInvalid', why: 'neither oid nor sub' };
  return { principal: { id, expiresAtMs: Number(claims.exp) * 1000 } };
}

function refusalOf(error: unknown): AuthOutcome {
  if (error instanceof errors.JWTExpired) return { refusal: 'AuthExpired', why: 'exp has passed' };
  return { refusal: 'AuthInvalid', why: error instanceof errors.JOSEError ? error.code : 'not a JWT' };
}
