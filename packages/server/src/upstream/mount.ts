/** mount(): a provider's API at the paths that its own SDKs ask for, below a prefix, at the root of an origin, or on a host of its own. */
import { ConfigError } from '../errors.ts';
import type { Route } from './route.ts';

/** Nothing, or a path; before it, behind two slashes, a host. */
const PREFIX = /^(?:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)*)?(?:\/[A-Za-z0-9._~-]+)*$/;

/**
 * From each of the preset's own paths, such as `/v1/listen`, to the route, with `prefix` before it; to be spread into `routes`. The
 * prefix `''` is for SDKs that throw the path of a base URL away, `'//voice.example.com'` for an origin that several such providers share
 * by name.
 * @throws ConfigError when the prefix is none, or the preset has no paths of its own.
 */
export function mount(prefix: string, route: Route): Record<string, Route> {
  checkPrefix('mount().prefix', prefix, 'deepgram');
  const paths = Object.entries(route.preset.endpoints).flatMap(([endpoint, { facts }]) =>
    facts.nativePaths.map((path) => [path, endpoint] as const),
  );
  if (paths.length === 0)
    throw new ConfigError('mount().route', `has a preset (${route.preset.id}) without paths of its own.`);
  const isShared = (path: string): boolean => paths.filter(([other]) => other === path).length > 1;
  // Of endpoints at one path the preset's choice decides for each session.
  const routeAt = (path: string, endpoint: string): Route =>
    isShared(path) ? route : { ...route, endpoint };
  return Object.fromEntries(
    paths.map(([path, endpoint]) => [`${prefix}${path}`, routeAt(path, endpoint)] as const),
  );
}

/** `example` is a name that a prefix may have. @throws ConfigError naming `option` when the prefix is none. */
export function checkPrefix(option: string, prefix: string, example: string): void {
  if (typeof prefix === 'string' && PREFIX.test(prefix)) return;
  throw new ConfigError(
    option,
    `is not a prefix. Write it like /${example}, //voice.example.com, or '' for the root.`,
  );
}
