/** Gives a route its policy. */
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
