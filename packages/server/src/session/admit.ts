/** The ordered checks of an upgrade: origin, credential, principal, target. Knows their order, not how one works. */
import type { Authenticator } from '../auth/authenticator.ts';
import { findCredential, type FoundCredential } from '../auth/credential.ts';
import type { OriginPolicy } from '../auth/origin.ts';
import type { Principal } from '../auth/principal.ts';
import type { CloseName } from '../contract/index.ts';
import type { Route } from '../upstream/route.ts';
import { toTarget, type Target } from '../upstream/target.ts';
import type { UpgradeRequest } from './upgrade.ts';

export interface Admitted {
  readonly principal: Principal;
  readonly target: Target;
  /** The subprotocol to answer with. */
  readonly echo: string | undefined;
  /** How the client is told when its upstream cannot be had. */
  readonly style: 'close' | 'http';
}

/** Why an upgrade is refused. `why` is for the log. */
export interface Refused {
  readonly name: CloseName;
  readonly why: string;
  readonly style: 'close' | 'http';
  readonly echo: string | undefined;
}

export type Verdict = { readonly admitted: Admitted } | { readonly refused: Refused };

export interface Admission {
  readonly auth: Authenticator;
  readonly origins: OriginPolicy;
  now(): number;
}

/** Rejects only when a check itself failed. */
export async function admit(admission: Admission, route: Route, upgrade: UpgradeRequest): Promise<Verdict> {
  if (!admission.origins.allows(upgrade.origin, upgrade.host)) {
    return { refused: { name: 'OriginDenied', why: 'origin not allowed', style: 'http', echo: undefined } };
  }
  const credential = findCredential(upgrade, route.preset.clientCredential);
  const { echo } = credential;
  const style = styleOf(credential, route, upgrade);
  const refuse = (name: CloseName, why: string): Verdict => ({ refused: { name, why, style, echo } });
  if (credential.isAmbiguous) return refuse('BadRequest', 'two different tokens');
  const outcome = await admission.auth.authenticate(credential.token, admission.now());
  if ('refusal' in outcome) return refuse(outcome.refusal, outcome.why);
  const verdict = toTarget(route.preset, upgrade.path, credential.query);
  if ('denied' in verdict)
    return refuse('PolicyViolation', `query parameter ${JSON.stringify(verdict.denied)}`);
  return { admitted: { principal: outcome.principal, target: verdict.target, echo, style } };
}

/** The refusal follows the place of the credential; without one, an offered subprotocol speaks for a vendor's SDK. */
function styleOf(credential: FoundCredential, route: Route, upgrade: UpgradeRequest): 'close' | 'http' {
  const isVendorClient =
    credential.place === 'vendor' || (credential.place === undefined && upgrade.subprotocols.length > 0);
  return isVendorClient ? route.preset.refusal : 'close';
}
