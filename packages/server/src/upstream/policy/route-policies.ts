/** The policies of a proxy's routes, checked and compiled once, at its start. */
import type { Route } from '../route.ts';
import { checkPolicy } from './check-policy.ts';
import { compilePolicy, type CompiledPolicy } from './compile.ts';
import { relaxPolicy, SEED_RELAXATIONS, type Relaxation } from './seed-compat.ts';

export interface RoutePolicies {
  readonly policies: ReadonlyMap<Route, CompiledPolicy>;
  /** What the compat profile relaxes, with the paths of the routes that it concerns. */
  readonly relaxed: readonly { readonly name: string; readonly says: string; readonly routes: string[] }[];
}

/** `routes` by public path. @throws ConfigError naming what of a policy cannot work. */
export function compileRoutePolicies(
  routes: ReadonlyMap<string, Route>,
  compat: 'seed' | undefined,
): RoutePolicies {
  const relaxations = compat === 'seed' ? SEED_RELAXATIONS : [];
  const policies = new Map<Route, CompiledPolicy>();
  for (const [path, route] of routes) {
    const policy = route.policy ?? route.preset.policy;
    if (!policy) continue;
    const checked = checkPolicy(`routes.${path}.policy`, policy);
    policies.set(route, compilePolicy(relaxPolicy(checked, relaxations.filter(concerns(route)))));
  }
  const pathsOf = (relaxation: Relaxation): string[] =>
    [...routes].filter(([, route]) => concerns(route)(relaxation)).map(([path]) => path);
  return {
    policies,
    relaxed: relaxations.map((each) => ({ name: each.name, says: each.says, routes: pathsOf(each) })),
  };
}

const concerns =
  ({ preset }: Route) =>
  ({ presets }: Relaxation): boolean =>
    presets.includes(preset.id);
