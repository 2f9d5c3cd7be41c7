/** The options of ProxyClient, their defaults and ranges; all validation happens here, none of it shows a token or a URL. */
import type { BackoffBounds } from './connection/backoff.ts';
import { systemNetwork, type Network } from './connection/network.ts';
import type { OutboxBudget } from './connection/outbox.ts';
import { systemScheduler, type Scheduler } from './connection/scheduler.ts';
import type { WebSocketConstructor } from './connection/websocket-like.ts';
import { TOKEN_QUERY, isSubprotocol } from './contract.ts';
import type { SocketTarget, TokenTransport } from './token/token-placement.ts';
import type { TokenOption } from './token/token-source.ts';

/** All durations in milliseconds, from the stated minimum to one day. */
export interface ReconnectOptions {
  /** Bound of the first wait; it doubles with each further one, and the wait is drawn evenly below it. Default 300, minimum 0. */
  firstDelayMs?: number;
  /** Bound that the doubling stops at. Default 5000, minimum 0. */
  maxDelayMs?: number;
  /**
   * Time spent on trying, not counting time offline, after which the client fails with TimeoutError `gave_up`.
   * Default 120000, minimum 1; Infinity never gives up.
   */
  giveUpAfterMs?: number;
  /** How long a connection must stay open before failures are counted from zero again. Default 5000, minimum 0. */
  stableAfterMs?: number;
  /** Longest wait asked for by the server that is obeyed; beyond it the client fails with RateLimitError. Default 60000, minimum 0. */
  maxRetryAfterMs?: number;
}

export interface OutboxOptions {
  /** Bytes held while not open. Default 1048576; 0 holds nothing. A frame beyond it is refused by send(). */
  maxBytes?: number;
  /** Frames held while not open. Default 256; 0 holds nothing. */
  maxFrames?: number;
}

export interface ProxyClientOptions {
  /** `ws:`, `wss:`, `http:` or `https:` URL of the route; in a browser it may be relative. Its query is kept as it is. */
  url: string | URL;
  /** The user's token, or a function that gets one; a function is asked again when the server refuses the last one. */
  token?: TokenOption | undefined;
  /**
   * Where the token travels. `query` (default) is what every server of the contract reads; `subprotocol` keeps the token
   * out of URLs and therefore out of access logs, and needs a server that knows it: with any other the connection fails.
   */
  tokenTransport?: TokenTransport;
  /** Subprotocols to offer. Browsers drop the connection when the server selects none of those offered. Default none. */
  protocols?: readonly string[];
  /** Time for one socket to open. Default 10000, from 1 to one day; after it the attempt counts as failed. */
  connectTimeoutMs?: number;
  /** False makes the first failure and the first close final. */
  reconnect?: false | ReconnectOptions;
  outbox?: OutboxOptions;
  /** Default: the platform's in browsers, isomorphic-ws in Node. */
  WebSocket?: WebSocketConstructor;
  /** Clock and timers; for tests. */
  scheduler?: Scheduler;
  /** Numbers from 0 up to but not including 1, for jitter; for tests. Default Math.random. */
  random?: () => number;
  /** Whether there is a network; for tests, and for platforms that know better. */
  network?: Network;
}

export interface ReconnectPolicy extends BackoffBounds {
  readonly giveUpAfterMs: number;
  readonly stableAfterMs: number;
  readonly maxRetryAfterMs: number;
}

export interface ResolvedOptions {
  readonly target: SocketTarget;
  readonly token: TokenOption | undefined;
  readonly tokenTransport: TokenTransport;
  readonly connectTimeoutMs: number;
  readonly mayReconnect: boolean;
  readonly policy: ReconnectPolicy;
  readonly outbox: OutboxBudget;
  readonly WebSocket: WebSocketConstructor | undefined;
  readonly scheduler: Scheduler;
  readonly random: () => number;
  readonly network: Network;
}

const DAY_MS = 86_400_000;

/** @throws TypeError or RangeError that names the option. */
export function resolveOptions(options: ProxyClientOptions): ResolvedOptions {
  const { reconnect = {}, outbox = {}, tokenTransport = 'query' } = options;
  if (tokenTransport !== 'query' && tokenTransport !== 'subprotocol') {
    throw new TypeError('tokenTransport must be "query" or "subprotocol".');
  }
  return {
    target: { url: toSocketUrl(options), protocols: checkProtocols(options.protocols) },
    token: checkToken(options.token),
    tokenTransport,
    connectTimeoutMs: inRange('connectTimeoutMs', options.connectTimeoutMs, 10_000, [1, DAY_MS]),
    mayReconnect: reconnect !== false,
    policy: resolvePolicy(reconnect || {}),
    outbox: {
      maxBytes: inRange('outbox.maxBytes', outbox.maxBytes, 1_048_576, [0, Infinity]),
      maxFrames: inRange('outbox.maxFrames', outbox.maxFrames, 256, [0, Infinity]),
    },
    WebSocket: options.WebSocket,
    scheduler: options.scheduler ?? systemScheduler,
    random: options.random ?? Math.random,
    network: options.network ?? systemNetwork,
  };
}

function resolvePolicy(options: ReconnectOptions): ReconnectPolicy {
  const duration = (name: keyof ReconnectOptions, fallback: number, min = 0, max = DAY_MS): number =>
    inRange(`reconnect.${name}`, options[name], fallback, [min, max]);
  return {
    firstDelayMs: duration('firstDelayMs', 300),
    maxDelayMs: duration('maxDelayMs', 5_000),
    giveUpAfterMs: options.giveUpAfterMs === Infinity ? Infinity : duration('giveUpAfterMs', 120_000, 1),
    stableAfterMs: duration('stableAfterMs', 5_000),
    maxRetryAfterMs: duration('maxRetryAfterMs', 60_000),
  };
}

function inRange(
  name: string,
  value: number | undefined,
  fallback: number,
  [min, max]: [number, number],
): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new RangeError(`${name} must be a number from ${min} to ${max}.`);
}

function toSocketUrl({ url, token }: ProxyClientOptions): string {
  const base = globalThis.location?.href;
  // Rendering on a server must not fail for a path that only the browser will dial.
  if (!base && typeof url === 'string' && url.startsWith('/')) return url;
  const parsed = URL.canParse(String(url), base) ? new URL(url, base) : undefined;
  const scheme = /^(?:http|ws)(s?:)$/.exec(parsed?.protocol ?? '')?.[1];
  if (!parsed || !scheme) throw new TypeError('url must be a ws:, wss:, http: or https: URL.');
  if (token !== undefined && parsed.searchParams.has(TOKEN_QUERY)) {
    throw new TypeError(`url has a ${TOKEN_QUERY} parameter and there is a token option; give only one.`);
  }
  parsed.protocol = `ws${scheme}`;
  parsed.hash = '';
  return parsed.href;
}

function checkProtocols(protocols: readonly string[] = []): string[] {
  if (protocols.every(isSubprotocol) && new Set(protocols).size === protocols.length) return [...protocols];
  throw new TypeError('protocols must be distinct subprotocol names.');
}

function checkToken(token: TokenOption | undefined): TokenOption | undefined {
  const type = typeof token;
  if (token !== '' && (type === 'string' || type === 'function' || type === 'undefined')) return token;
  throw new TypeError('token must be a non-empty string or a function.');
}
