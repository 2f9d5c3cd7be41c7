/** What may be said in public of a route: what clients may ask for. No address, no key, no name of the operator's. */
import type { Route } from './route.ts';

export interface RouteFacts {
  /** Name of the provider. */
  readonly provider: string;
  /** Parameters that pass, or choose. */
  readonly parameters: readonly string[];
  /** Versions of the provider's API that are used where a client names none. */
  readonly apiVersions: readonly string[];
}

/** The preset's name of the parameter for a version. */
const VERSION = 'api-version';

/** Undefined for a route on which all parameters pass, so that there is no list. */
export function describeRoute({ preset }: Route): RouteFacts | undefined {
  const queries = Object.values(preset.endpoints).map(({ query }) => query);
  if (!queries.some(({ only = [] }) => only.length > 0)) return undefined;
  const { first = [], byQuery } = preset.choice;
  const choosing = [...first.flatMap(({ when }) => Object.keys(when)), ...(byQuery ? [byQuery.name] : [])];
  const versions = queries.flatMap(({ defaultEach = {} }) => defaultEach[VERSION] ?? []);
  return {
    provider: preset.title,
    parameters: [...new Set([...choosing, ...queries.flatMap(({ only = [] }) => only)])],
    apiVersions: [...new Set(versions)],
  };
}
