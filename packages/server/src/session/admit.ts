/** The ordered checks of an upgrade: who asks (auth/caller.ts), then the target. Knows their order, not how one works. */
import { checkCaller, type Caller, type CallerChecks, type Refused } from '../auth/caller.ts';
import { clientAddressOf, type AddressSource } from '../auth/client-address.ts';
import type { FoundCredential } from '../auth/credential.ts';
import type { Principal } from '../auth/principal.ts';
import type { CloseName } from '../contract/index.ts';
import type { Route } from '../upstream/route.ts';
import { toTarget, type Target } from '../upstream/target.ts';
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
  const verdict = await checkCaller(admission, toCaller(applicant, admission.trustedProxies ?? 0));
  if ('refused' in verdict) return verdict;
  const toward = toTarget(route, upgrade.path, credential.query);
  if ('denied' in toward) return refuse('PolicyViolation', `parameter ${JSON.stringify(toward.denied)}`);
  if ('missing' in toward) return refuse('BadRequest', `not exactly one parameter ${toward.missing}`);
  return { admitted: { principal: verdict.principal, target: toward.target } };
}

function toCaller({ upgrade, credential, request }: Applicant, trustedProxies: number): Caller {
  const { method = '', url: target = '' } = request;
  return {
    origin: upgrade.origin,
    host: upgrade.host,
    isEncrypted: upgrade.isEncrypted,
    address: () => clientAddressOf(request, trustedProxies),
    credential,
    request: { method, target, header: (name) => upgrade.header(name) },
  };
}

function refuse(name: CloseName, why: string): Verdict {
  return { refused: { name, why } };
}
