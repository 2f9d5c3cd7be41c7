/** The options of ProxyClient, their defaults and ranges; all validation happens here, none of it shows a token or a URL. */
import type { ReconnectPolicy } from './connection/connection.ts';
import { systemNetwork, type Network } from './connection/network.ts';
import type { OutboxBudget } from './connection/outbox.ts';
import { systemScheduler, type Scheduler } from './connection/scheduler.ts';
import type { WebSocketConstructor } from './connection/websocket-like.ts';
import { TOKEN_QUERY, isSubprotocol } from './contract.ts';
import type { SocketTarget, TokenTransport } from './token/token-placement.ts';
import type { TokenOption } from './token/token-source.ts';

/** Durations in milliseconds. */
export interface ReconnectOptions {
  /** Bound of the first wait; it doubles with each further one, and the wait is drawn evenly below it. Default 300; from 0 to one day. */
  firstDelayMs?: number | undefined;
  /** Bound at which the doubling stops. Default 5000; from 0 to one day. */
  maxDelayMs?: number | undefined;
  /**
   * Time spent on trying, not counting time offline, after which the client fails with TimeoutError `gave_up`.
   * Default 120000; from 1; Infinity never gives up.
   */
  giveUpAfterMs?: number | undefined;
  /**
   * How long a connection must stay open before failures are counted from zero again. Default 5000; from 0, which
   * trusts every open; Infinity never forgets a failure.
   */
  stableAfterMs?: number | undefined;
  /**
   * Longest wait asked for by the server that is obeyed; beyond it the client fails with RateLimitError, which carries
   * the wait. Default 60000; from 0; Infinity obeys every wait.
   */
  maxRetryAfterMs?: number | undefined;
}

export interface OutboxOptions {
  /** Bytes held while not open. Default 1048576; 0 holds nothing. A frame beyond it is refused by send(). */
  maxBytes?: number | undefined;
  /** Frames held while not open. Default 256; 0 holds nothing. */
  maxFrames?: number | undefined;
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
  tokenTransport?: TokenTransport | undefined;
  /** Subprotocols to offer. Browsers drop the connection when the server selects none of those offered. Default none. */
  protocols?: readonly string[] | undefined;
  /** Milliseconds for one socket to open, after which the attempt counts as failed. Default 10000; from 1; Infinity leaves it to the platform. */
  connectTimeoutMs?: number | undefined;
  /** False makes the first failure and the first close final. */
  reconnect?: false | ReconnectOptions | undefined;
  outbox?: OutboxOptions | undefined;
  /** Default: the platform's in browsers, isomorphic-ws in Node. */
  WebSocket?: WebSocketConstructor | undefined;
  /** Clock and timers; for tests. */
  scheduler?: Scheduler | undefined;
  /** Numbers from 0 up to but not including 1, for jitter; for tests. Default Math.random. */
  random?: (() => number) | undefined;
  /** Whether there is a network; for tests, and for platforms that know better. */
  network?: Network | undefined;
}

export interface ResolvedOptions {
  readonly target: SocketTarget;
  readonly token: TokenOption | undefined;
  readonly tokenTransport: TokenTransport;
  readonly connectTimeoutMs: number;
  readonly policy: ReconnectPolicy;
  readonly outbox: OutboxBudget;
  readonly WebSocket: WebSocketConstructor | undefined;
  readonly scheduler: Scheduler;
  readonly random: () => number;
  readonly network: Network;
}

/** Default, least and greatest value. */
type Range = readonly [number, number, number];

const DAY_MS = 86_400_000;

const RECONNECT: Readonly<Record<keyof ReconnectOptions, Range>> = {
  firstDelayMs: [300, 0, DAY_MS],
  maxDelayMs: [5_000, 0, DAY_MS],
  giveUpAfterMs: [120_000, 1, Infinity],
  stableAfterMs: [5_000, 0, Infinity],
  maxRetryAfterMs: [60_000, 0, Infinity],
};

const OUTBOX: Readonly<Record<keyof OutboxOptions, Range>> = {
  maxBytes: [1_048_576, 0, Infinity],
  maxFrames: [256, 0, Infinity],
};

/** @throws TypeError or RangeError that names the option. */
export function resolveOptions(options: ProxyClientOptions): ResolvedOptions {
  const { token, tokenTransport = 'query', protocols = [], reconnect = {} } = options;
  check('tokenTransport', 'query or subprotocol', /^(query|subprotocol)$/.test(tokenTransport));
  check('token', 'a non-empty string or a function', isTokenOption(token));
  check('protocols', 'distinct subprotocol names', protocols.every(isSubprotocol) && isDistinct(protocols));
  return {
    target: { url: toSocketUrl(options), protocols: [...protocols] },
    token,
    tokenTransport,
    ...readNumbers('', options, { connectTimeoutMs: [10_000, 1, Infinity] }),
    policy: { mayReconnect: !!reconnect, ...readNumbers('reconnect.', reconnect || {}, RECONNECT) },
    outbox: readNumbers('outbox.', options.outbox ?? {}, OUTBOX),
    WebSocket: options.WebSocket,
    scheduler: options.scheduler ?? systemScheduler,
    random: options.random ?? Math.random,
    network: options.network ?? systemNetwork,
  };
}

function readNumbers<Name extends string>(
  prefix: string,
  given: { readonly [Key in NoInfer<Name>]?: number | undefined },
  ranges: Readonly<Record<Name, Range>>,
): Record<Name, number> {
  const numbers = {} as Record<Name, number>;
  for (const name in ranges) {
    const [fallback, min, max] = ranges[name];
    const value: unknown = given[name] ?? fallback;
    if (typeof value !== 'number' || !(value >= min && value <= max)) {
      throw new RangeError(`${prefix}${name} must be a number from ${min} to ${max}.`);
    }
    numbers[name] = value;
  }
  return numbers;
}

function check(name: string, what: string, isFulfilled: boolean): void {
  if (!isFulfilled) throw new TypeError(`${name} must be ${what}.`);
}

function toSocketUrl({ url, token }: ProxyClientOptions): string {
  const base = globalThis.location?.href;
  // Rendering on a server must not fail for a path that only the browser will dial.
  if (!base && typeof url === 'string' && url.startsWith('/')) return url;
  check('url', 'a ws:, wss:, http: or https: URL', URL.canParse(String(url), base));
  const parsed = new URL(url, base);
  parsed.protocol = parsed.protocol.replace('http', 'ws');
  parsed.hash = '';
  check('url', 'a ws:, wss:, http: or https: URL', /^wss?:$/.test(parsed.protocol));
  const hasTwo = token !== undefined && parsed.searchParams.has(TOKEN_QUERY);
  check('url', `without a ${TOKEN_QUERY} parameter when there is a token option`, !hasTwo);
  return parsed.href;
}

const isDistinct = (names: readonly string[]): boolean => new Set(names).size === names.length;

const isTokenOption = (token: unknown): boolean =>
  token === undefined || typeof token === 'function' || (typeof token === 'string' && token !== '');
