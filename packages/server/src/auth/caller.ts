/**
 * The checks of whoever asks, in their order, over a socket as over HTTP: address, origin, credential, principal. Knows
 * their order, not how one works.
 */
import type { CloseName } from '../contract/index.ts';
import { ProxyError } from '../errors.ts';
import type { AddressList } from './address-list.ts';
import type { AuthOutcome, Authenticator, AuthRequest } from './authenticator.ts';
import type { FoundCredential } from './credential.ts';
import type { OriginPolicy } from './origin.ts';

export interface CallerChecks {
  readonly auth: Authenticator;
  readonly origins: OriginPolicy;
  /** The addresses that may ask; undefined for all. */
  readonly addresses?: AddressList | undefined;
  now(): number;
}

export interface Caller {
  readonly origin: string | undefined;
  readonly host: string;
  readonly isEncrypted: boolean;
  /** The client's address; asked for only where addresses are judged. */
  address(): string;
  readonly credential: Pick<FoundCredential, 'token' | 'isAmbiguous'>;
  readonly request: AuthRequest;
}

/** Why a caller is refused. `why` is for the log. */
export interface Refused {
  readonly name: CloseName;
  readonly why: string;
  /** What the client reads in place of the row's sentence. */
  readonly said?: string | undefined;
}

export type CallerVerdict = Exclude<AuthOutcome, { refusal: unknown }> | { readonly refused: Refused };

/** Rejects only when a check itself failed, with a ProxyError where it was the application's check of the token. */
export async function checkCaller(checks: CallerChecks, caller: Caller): Promise<CallerVerdict> {
  const stranger = checkStranger(checks, caller);
  if (stranger) return { refused: stranger };
  if (caller.credential.isAmbiguous) return refuse('BadRequest', 'two different tokens');
  const outcome = await authenticate(checks, caller);
  return 'refusal' in outcome ? refuse(outcome.refusal, outcome.why) : outcome;
}

/** What can be said before anything is known of the user. */
export function checkStranger({ addresses, origins }: CallerChecks, caller: Caller): Refused | undefined {
  if (addresses && !addresses.has(caller.address()))
    return { name: 'PolicyViolation', why: 'address not allowed' };
  if (!origins.allows(caller.origin, caller.host, caller.isEncrypted))
    return { name: 'OriginDenied', why: 'origin not allowed' };
  return undefined;
}

/** A rejection means that the check failed, not that the token did. */
async function authenticate({ auth, now }: CallerChecks, caller: Caller): Promise<AuthOutcome> {
  try {
    return await auth.authenticate(caller.credential.token, now(), caller.request);
  } catch (cause) {
    throw new ProxyError('AuthUnavailable', 'the check of the token failed', { cause });
  }
}

function refuse(name: CloseName, why: string): CallerVerdict {
  return { refused: { name, why } };
}
