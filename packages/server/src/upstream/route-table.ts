/** From an upgrade's path and host to what is served there. Exact, but for segments `{name}`; a key that names the host goes first. */

export interface RouteMatch<T> {
  readonly route: T;
  /** What stands in the path for its variables, as it came; undefined where the key has none. */
  readonly values: Readonly<Record<string, string>> | undefined;
}

/** `host` is a Host header, with or without a port. */
export type FindRoute<T> = (path: string, host: string | undefined) => RouteMatch<T> | undefined;

interface Pattern<T> {
  readonly host: string | undefined;
  readonly path: RegExp;
  readonly route: T;
}

/** The keys are paths; with `//host` before them they hold for that host alone. */
export function createRouteTable<T>(routes: ReadonlyMap<string, T>): FindRoute<T> {
  const patterns = [...routes]
    .filter(([key]) => key.includes('{'))
    .map(([key, route]) => toPattern(key, route));
  const hasHosts = [...routes.keys()].some((key) => key.startsWith('//'));
  const exact = (key: string): RouteMatch<T> | undefined => {
    const route = routes.get(key);
    return route === undefined ? undefined : { route, values: undefined };
  };
  const fitting = (path: string, host: string | undefined): RouteMatch<T> | undefined => {
    for (const pattern of patterns) {
      const match = pattern.host === host ? pattern.path.exec(path) : null;
      if (match) return { route: pattern.route, values: { ...match.groups } };
    }
    return undefined;
  };
  return (path, hostHeader) => {
    const host = hasHosts ? hostOf(hostHeader) : undefined;
    const own = host === undefined ? undefined : (exact(`//${host}${path}`) ?? fitting(path, host));
    // A path that looks like the key of a host is none.
    return own ?? (path.startsWith('//') ? undefined : exact(path)) ?? fitting(path, undefined);
  };
}

function toPattern<T>(key: string, route: T): Pattern<T> {
  const host = /^\/\/([^/]+)/.exec(key)?.[1];
  const path = host === undefined ? key : key.slice(host.length + 2);
  const source = path
    .replace(/[.~]/g, String.raw`\$&`)
    .replace(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>[^/]+)`);
  return { host, path: new RegExp(`^${source}$`), route };
}

/** Names of hosts have no case; the port is not part of one. */
function hostOf(header: string | undefined): string | undefined {
  return header?.replace(/:\d*$/, '').toLowerCase();
}
