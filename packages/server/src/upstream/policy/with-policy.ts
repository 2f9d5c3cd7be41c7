/** Gives a route its policy, or takes it away. */
import type { Route } from '../route.ts';
import { checkPolicy } from './check-policy.ts';
import type { MessagePolicy } from './policy.ts';

/**
 * The route with a policy in place of the one it has, which opens its text messages.
 * @throws ConfigError naming what of the policy cannot work.
 */
export function withPolicy(route: Route, policy: MessagePolicy): Route {
  return { ...route, policy: checkPolicy('withPolicy().policy', policy) };
}

/**
 * The route without any policy, also without the one that its preset brings: messages pass unopened, byte for byte, whatever they say and
 * whatever the provider repeats in them. For peers that are trusted as the server itself is.
 */
export function withoutPolicy(route: Route): Route {
  return { ...route, policy: undefined, preset: { ...route.preset, policy: undefined } };
}
