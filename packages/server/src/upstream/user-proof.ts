/** With what a session proves itself to its provider: the operator's key, or the user's own token. Pure. */
import type { CloseName } from '../contract/index.ts';
import type { Route } from './route.ts';
import { Secret } from './secret.ts';

/** `token` is set when it goes to the provider. `said` is what the client reads. */
export type Proof =
  | { readonly token: Secret | undefined }
  | { readonly name: CloseName; readonly why: string; readonly said: string };

/** `token` is the user's, checked. */
export function toProof({ preset, keys, passesTokens }: Route, service: string, token?: string): Proof {
  const { userToken, unprovenText } = preset.endpoints[service] ?? {};
  const isPassed = passesTokens === true && userToken !== undefined;
  if (isPassed && token !== undefined) return { token: new Secret(token) };
  const required = userToken?.required;
  // With no other token would a client be let in whose route passes none on.
  if (required !== undefined) {
    const name = isPassed ? 'AuthRequired' : 'PolicyViolation';
    return { name, why: 'no token of the user to pass on', said: required };
  }
  return keys.isEmpty && unprovenText !== undefined
    ? { name: 'AuthRequired', why: 'neither a key nor a token of the user', said: unprovenText }
    : { token: undefined };
}
