/** Has a route keep opened connections for the sessions that come next. spare-pool.ts keeps them. */
import { ConfigError } from '../errors.ts';
import type { Endpoint } from './preset.ts';
import type { Route } from './route.ts';
import { toTarget } from './target.ts';

/** Times are milliseconds. */
export interface SpareOptions {
  /** Which endpoint. Required where the preset has several. */
  endpoint?: string | undefined;
  /** How many are kept at most. A whole number from 1 to 20. */
  count: number;
  /**
   * What clients ask for that are given one, such as `{ model: 'gpt-realtime' }`; those who ask for anything else are dialled for. Default:
   * nothing.
   */
  query?: Readonly<Record<string, string>> | undefined;
  /**
   * Age at which one is ended unused. Default 5 000, or less where the provider ends quiet connections that early; above 0, and below what the
   * provider is known to allow, otherwise at most 60 000.
   */
  longestIdleMs?: number | undefined;
  /**
   * How long they are kept up after the last session that could have used one. Default 60 000; above 0 and at most 3 600 000. All the while
   * each is opened anew as often as it grows old, and some providers have open connections paid.
   */
  keptForMs?: number | undefined;
}

const MOST_SPARES = 20;
const DEFAULT_IDLE_MS = 5_000;
const LONGEST_IDLE_MS = 60_000;
const DEFAULT_KEPT_MS = 60_000;
const LONGEST_KEPT_MS = 3_600_000;

/**
 * The route with connections that are opened before they are needed. Each is used once, by one session, and never given back.
 * @throws ConfigError when the handshake of the endpoint differs from client to client, or a number cannot work.
 */
export function withSpares(route: Route, options: SpareOptions): Route {
  const { count, query = {}, keptForMs = DEFAULT_KEPT_MS } = options;
  const id = endpointOf(route, options.endpoint);
  const endpoint = route.preset.endpoints[id] as Endpoint;
  if (route.passesTokens === true && endpoint.userToken)
    throw new ConfigError(
      'withSpares().endpoint',
      `cannot be ${id}: users' own tokens go to the provider there.`,
    );
  if (!Number.isInteger(count) || count < 1 || count > MOST_SPARES)
    throw new ConfigError('withSpares().count', `is not a whole number from 1 to ${MOST_SPARES}.`);
  const mostIdleMs = mostIdleOf(endpoint);
  const { longestIdleMs = Math.min(DEFAULT_IDLE_MS, mostIdleMs) } = options;
  checkTime('longestIdleMs', longestIdleMs, mostIdleMs);
  checkTime('keptForMs', keptForMs, LONGEST_KEPT_MS);
  const spares = { url: urlOf(route, id, query), count, longestIdleMs, keptForMs };
  return { ...route, spares: new Map([...(route.spares ?? []), [id, spares]]) };
}

function endpointOf({ preset, endpoint }: Route, wanted: string | undefined): string {
  const known = Object.keys(preset.endpoints);
  const name = wanted ?? endpoint ?? (known.length === 1 ? known[0] : undefined);
  if (name !== undefined && known.includes(name)) return name;
  throw new ConfigError('withSpares().endpoint', `is none of the preset's: ${known.join(', ')}. Name one.`);
}

/** What is left of the time that the provider allows when the session's first keepalive comes as late as it may. */
function mostIdleOf({ facts }: Endpoint): number {
  const { keepalive } = facts;
  return keepalive
    ? Math.min(keepalive.upstreamIdleMs - keepalive.everyMs, LONGEST_IDLE_MS)
    : LONGEST_IDLE_MS;
}

function checkTime(name: string, ms: unknown, most: number): void {
  if (typeof ms === 'number' && ms > 0 && ms <= most) return;
  throw new ConfigError(`withSpares().${name}`, `is not a number above 0 and at most ${most}.`);
}

/** The address for clients with this query. */
function urlOf(route: Route, endpoint: string, query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => ({
    name,
    value,
    raw: `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  }));
  const verdict = toTarget({ ...route, endpoint }, '', pairs);
  if ('target' in verdict) return verdict.target.url;
  const parameter = 'denied' in verdict ? verdict.denied : verdict.missing;
  throw new ConfigError(
    'withSpares().query',
    'denied' in verdict
      ? `does not give an address that is the same for all clients: ${parameter} may not be so, or stands in the path.`
      : `lacks ${parameter}, which clients choose. Say for which value connections are kept.`,
  );
}
