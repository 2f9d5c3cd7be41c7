/** The ordered checks of an upgrade: origin, credential, principal, target. Knows their order, not how one works. */
import type { AuthOutcome, Authenticator } from '../auth/authenticator.ts';
import type { FoundCredential } from '../auth/credential.ts';
import type { OriginPolicy } from '../auth/origin.ts';
import type { Principal } from '../auth/principal.ts';
import type { CloseName } from '../contract/index.ts';
import { ProxyError } from '../errors.ts';
import type { Route } from '../upstream/route.ts';
import { serviceOf, toTarget, type Target } from '../upstream/target.ts';
import { toProof } from '../upstream/user-proof.ts';
import type { UpgradeRequest } from './upgrade.ts';

export interface Admitted {
  readonly principal: Principal;
  readonly target: Target;
}

/** Why an upgrade is refused. `why` is for the log. */
export interface Refused {
  readonly name: CloseName;
  readonly why: string;
  /** What the client reads in place of the row's sentence. */
  readonly said?: string | undefined;
}

export type Verdict = { readonly admitted: Admitted } | { readonly refused: Refused };

export interface Admission {
  readonly auth: Authenticator;
  readonly origins: OriginPolicy;
  now(): number;
}

/** Who asks, for what, and with which credential. */
export interface Applicant {
  readonly route: Route;
  readonly upgrade: UpgradeRequest;
  readonly credential: FoundCredential;
}

/** Rejects only when a check itself failed, with a ProxyError where it was the application's check of the token. */
export async function admit(
  admission: Admission,
  { route, upgrade, credential }: Applicant,
): Promise<Verdict> {
  const stranger = refuseStranger(admission, upgrade);
  if (stranger) return { refused: stranger };
  if (credential.isAmbiguous) return refuse('BadRequest', 'two different tokens');
  const { token } = credential;
  const verdict = toTarget(route, upgrade.path, credential.query);
  const service =
    'target' in verdict ? verdict.target.service : serviceOf(route, upgrade.path, credential.query);
  const rules = route.preset.endpoints[service]?.userToken;
  const outcome = await authenticate(admission, token, rules?.audiences);
  if ('refusal' in outcome)
    return refuse(outcome.refusal, outcome.why, token === undefined ? rules?.required : undefined);
  if ('denied' in verdict)
    return refuse('PolicyViolation', `query parameter ${JSON.stringify(verdict.denied)}`);
  if ('missing' in verdict)
    return refuse('BadRequest', `not exactly one query parameter ${verdict.missing}`, verdict.said);
  const { target } = verdict;
  const proof = toProof(route, target.service, token);
  if ('name' in proof) return { refused: proof };
  const { principal } = outcome;
  return { admitted: { principal, target: proof.token ? { ...target, token: proof.token } : target } };
}

/** What can be said before anything is known of the user. */
export function refuseStranger({ origins }: Admission, upgrade: UpgradeRequest): Refused | undefined {
  const { origin, host, isEncrypted } = upgrade;
  if (origins.allows(origin, host, isEncrypted)) return undefined;
  return { name: 'OriginDenied', why: 'origin not allowed' };
}

/** A rejection means that the check failed, not that the token did. */
async function authenticate(
  { auth, now }: Admission,
  token: string | undefined,
  audiences: readonly string[] | undefined,
): Promise<AuthOutcome> {
  try {
    return await auth.authenticate(token, now(), audiences);
  } catch (cause) {
    throw new ProxyError('AuthUnavailable', 'the check of the token failed', { cause });
  }
}

function refuse(name: CloseName, why: string, said?: string): Verdict {
  return { refused: said === undefined ? { name, why } : { name, why, said } };
}
