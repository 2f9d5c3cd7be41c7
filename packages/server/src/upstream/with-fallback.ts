/** Gives a route further addresses of its provider, for when the first one is down. fallback-dial.ts tries them. */
import { ConfigError } from '../errors.ts';
import type { Route } from './route.ts';
import { checkUpstreamUrl } from './upstream-url.ts';
import { variablesIn } from './url-template.ts';

/** Times are milliseconds. */
export interface FallbackOptions {
  /**
   * Further URLs of an endpoint, in the order in which they are tried, such as `{ agent: ['wss://eu.example.com/v1/agent'] }`; a list alone where
   * the preset has one endpoint. Each without a query, as those of presets are, on another host or port than the others, and with the same
   * provider behind it: it is given the same key, the same query and, where the route passes them on, users' tokens. `wss:`, or `ws:` on
   * loopback. At most 4 for an endpoint.
   */
  urls: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Time for the handshake of each address. Default: the preset's; above 0 and at most 60 000. */
  attemptMs?: number | undefined;
  /**
   * Time for all of them together, in which the client waits. Default: twice `attemptMs`; no less than that, and at most 120 000. A breach
   * closes with `UpstreamTimeout`.
   */
  totalMs?: number | undefined;
}

const MOST_URLS = 4;
const LONGEST_ATTEMPT_MS = 60_000;
const LONGEST_TOTAL_MS = 120_000;

/**
 * The route with further addresses. The next one is dialled when the one before is down or says nothing in time, never when it refuses the key
 * or the request; by then nothing of the client has gone upstream, and the connection before is gone.
 * @throws ConfigError naming the URL or the time that cannot work.
 */
export function withFallback(route: Route, options: FallbackOptions): Route {
  const { limits } = route.preset;
  const { attemptMs = limits.handshakeMs, totalMs = Math.min(2 * attemptMs, LONGEST_TOTAL_MS) } = options;
  checkTime('attemptMs', attemptMs, 0, LONGEST_ATTEMPT_MS);
  checkTime('totalMs', totalMs, attemptMs, LONGEST_TOTAL_MS);
  const urls = new Map<string, readonly string[]>();
  for (const [endpoint, list] of Object.entries(toRecord(route, options.urls)))
    urls.set(endpoint, checkUrls(route, endpoint, list));
  const preset = { ...route.preset, limits: { ...limits, handshakeMs: attemptMs } };
  return { ...route, preset, fallback: { urls, totalMs } };
}

function checkTime(name: string, ms: unknown, above: number, most: number): void {
  const isWithin = typeof ms === 'number' && ms > 0 && ms >= above && ms <= most;
  if (isWithin) return;
  const least = above === 0 ? 'above 0' : `of at least ${above}`;
  throw new ConfigError(`withFallback().${name}`, `is not a number ${least} and at most ${most}.`);
}

function toRecord({ preset }: Route, urls: FallbackOptions['urls']): Readonly<Record<string, unknown>> {
  const endpoints = Object.keys(preset.endpoints);
  const example = `{ ${endpoints[0]}: ['wss://eu.example.com/v1'] }`;
  if (typeof urls !== 'object' || urls === null || Object.keys(urls).length === 0)
    throw new ConfigError('withFallback().urls', `is empty. Write it like ${example}.`);
  if (!Array.isArray(urls)) return { ...urls };
  if (endpoints.length === 1) return { [String(endpoints[0])]: urls };
  throw new ConfigError(
    'withFallback().urls',
    `does not say for which endpoint (${endpoints.join(', ')}). Write it like ${example}.`,
  );
}

function checkUrls({ preset }: Route, endpoint: string, list: unknown): readonly string[] {
  const option = `withFallback().urls.${endpoint}`;
  const first = Object.hasOwn(preset.endpoints, endpoint) ? preset.endpoints[endpoint] : undefined;
  if (!first) {
    const known = Object.keys(preset.endpoints).join(', ');
    throw new ConfigError(option, `is not an endpoint of the preset; known are ${known}.`);
  }
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_URLS)
    throw new ConfigError(option, `is not a list of 1 to ${MOST_URLS} URLs.`);
  const origins = new Set([originOf(first.url)]);
  return list.map((url: unknown, at) => {
    const name = `${option}.${at}`;
    if (typeof url !== 'string') throw new ConfigError(name, 'is not a text.');
    checkUpstreamUrl(name, url);
    checkVariables(name, url, first.url);
    if (origins.has(originOf(url)))
      throw new ConfigError(name, 'is on the host and port of one before it, and would be down with it.');
    origins.add(originOf(url));
    return url;
  });
}

/** What a client's path fills in may stand where the endpoint's own URL has it, and in no host. */
function checkVariables(option: string, url: string, first: string): void {
  const known = variablesIn(first);
  if (/[{}]/.test(originOf(url))) throw new ConfigError(option, 'has a variable in its host.');
  const unknown = variablesIn(url).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new ConfigError(option, `has {${unknown}}, which the URL of the endpoint does not have.`);
}

function originOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
