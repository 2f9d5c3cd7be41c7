/** The ordered checks of an upgrade: who asks (auth/caller.ts), then the target. Knows their order, not how one works. */
import { checkCaller, checkStranger, type Caller, type CallerChecks, type Refused } from '../auth/caller.ts';
import { clientAddressOf, type AddressSource } from '../auth/client-address.ts';
import type { FoundCredential } from '../auth/credential.ts';
import type { Principal } from '../auth/principal.ts';
import type { CloseName } from '../contract/index.ts';
import type { Route } from '../upstream/route.ts';
import { serviceOf, toTarget, type Target } from '../upstream/target.ts';
import { toProof } from '../upstream/user-proof.ts';
import type { UpgradeRequest } from './upgrade.ts';

export type { Refused };

export interface Admitted {
  readonly principal: Principal;
  readonly target: Target;
}

export type Verdict = { readonly admitted: Admitted } | { readonly refused: Refused };

export interface Admission extends CallerChecks {
  /** Proxies in front that tell the client's address. Default 0. */
  readonly trustedProxies?: number;
}

/** Who asks, for what, and with which credential. */
export interface Applicant {
  readonly route: Route;
  readonly upgrade: UpgradeRequest;
  readonly credential: FoundCredential;
  readonly request: AddressSource & {
    readonly method?: string | undefined;
    readonly url?: string | undefined;
  };
}

/** Rejects only when a check itself failed, with a ProxyError where it was the application's check of the token. */
export async function admit(admission: Admission, applicant: Applicant): Promise<Verdict> {
  const { route, upgrade, credential } = applicant;
  const { token, query } = credential;
  const service = serviceOf(route, upgrade.path, query);
  const rules = route.preset.endpoints[service]?.userToken;
  const verdict = await checkCaller(admission, toCaller(admission, applicant, rules?.audiences));
  if ('refused' in verdict) return { refused: withWords(verdict.refused, rules?.required) };
  const toward = toTarget(route, upgrade.path, query);
  if ('denied' in toward) return refuse('PolicyViolation', `parameter ${JSON.stringify(toward.denied)}`);
  if ('missing' in toward)
    return refuse('BadRequest', `not exactly one parameter ${toward.missing}`, toward.said);
  const { target } = toward;
  const proof = toProof(route, target.service, token);
  if ('name' in proof) return { refused: proof };
  const { principal } = verdict;
  return { admitted: { principal, target: proof.token ? { ...target, token: proof.token } : target } };
}

/** What can be said before anything is known of the user. */
export function refuseStranger(admission: Admission, applicant: Applicant): Refused | undefined {
  return checkStranger(admission, toCaller(admission, applicant));
}

function toCaller(
  { trustedProxies = 0 }: Admission,
  { upgrade, credential, request }: Applicant,
  audiences?: readonly string[],
): Caller {
  const { method = '', url: target = '' } = request;
  return {
    origin: upgrade.origin,
    host: upgrade.host,
    isEncrypted: upgrade.isEncrypted,
    address: () => clientAddressOf(request, trustedProxies),
    credential,
    request: { method, target, header: (name) => upgrade.header(name), audiences },
  };
}

/** Whoever brought no token is told what the provider wants. */
function withWords(refused: Refused, required: string | undefined): Refused {
  return refused.name === 'AuthRequired' && required !== undefined ? { ...refused, said: required } : refused;
}

function refuse(name: CloseName, why: string, said?: string): Verdict {
  return { refused: said === undefined ? { name, why } : { name, why, said } };
}
