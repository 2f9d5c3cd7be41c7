/** The options of createVoiceProxy(): their meaning, defaults and validation. Parts are given plain, resolved values. */
import { z } from 'zod';
import type { Authenticator } from './auth/authenticator.ts';
import { systemClock, type Clock } from './clock.ts';
import { ConfigError } from './errors.ts';
import type { HttpRoute } from './http/http-route.ts';
import type { Logger } from './observability/log.ts';
import { resolveBreaker, type BreakerOptions } from './upstream/breaker-options.ts';
import type { BreakerRules } from './upstream/breaker.ts';
import type { UpstreamTls } from './upstream/connector.ts';
import type { Route } from './upstream/route.ts';

/** Times are milliseconds. `Infinity` where allowed means never; 0 is refused. */
export interface LimitOptions {
  /** Time for authentication. Default 10 000, at most 60 000. A breach closes with `AuthUnavailable`. */
  authTimeoutMs?: number | undefined;
  /**
   * Time for a client whose credential comes in a message to send it, from its upgrade on. Default 5 000, at most 60 000. A breach
   * closes with `AuthRequired`: sockets of nobody are cheap to open.
   */
  credentialTimeoutMs?: number | undefined;
  /** Clients whose credential is waited for at once; beyond it upgrades are answered with an HTTP status. Default 200. */
  credentialSockets?: number | undefined;
  /** Bytes a client may send before its session is open. Default 1 MiB. A breach closes with `TooLarge`. */
  earlyBytes?: number | undefined;
  /** Longest time without a frame either way. Default 300 000; Infinity allowed. Closes with `IdleTimeout`. */
  idleTimeoutMs?: number | undefined;
  /** Longest session. Default 3 600 000; Infinity allowed. Closes with `SessionLimit`. */
  longestSessionMs?: number | undefined;
  /** How often a client is pinged; one that stays silent for two pings has vanished. Default 25 000; Infinity allowed. */
  pingIntervalMs?: number | undefined;
  /** Longest time one side may be paused because the other does not read. Default 30 000. Closes with `Stalled`. */
  stallTimeoutMs?: number | undefined;
  /**
   * Longest time for which what a client has sent may wait in this process for a provider that reads, but too slowly: old audio is of
   * no use in a conversation. Kept to a quarter; what the operating systems hold in between is not seen. Default Infinity. Closes with `Stalled`: nothing is left out, since the provider could not make sense of the rest.
   */
  lagTimeoutMs?: number | undefined;
  /** Time for the closing handshakes, after which sockets are destroyed. Default 5 000. */
  closeTimeoutMs?: number | undefined;
  /** How long `drain()` lets sessions go on before they close with `Draining`. Default 30 000. */
  drainGraceMs?: number | undefined;
  /**
   * Longest time for one message of a client, from first fragment to last. Default 300 000; Infinity allowed. Closes with
   * `PolicyViolation`. Without effect with `legs: 'messages'`, which are handed whole messages.
   */
  messageTimeoutMs?: number | undefined;
  /**
   * Longest time for a message hook. Default 5 000, at most 60 000. A breach closes with `Internal`. As long does what follows an opening
   * message with locked fields wait for the provider's answer, and is refused then.
   */
  hookTimeoutMs?: number | undefined;
  /** Session mode: how long a session is held whose client has vanished. Default 30 000, at most 600 000. */
  resumeHoldMs?: number | undefined;
  /** Session mode: bytes that are kept for either side until they are acknowledged. Default 1 MiB, at most 16 MiB. */
  resumeBytes?: number | undefined;
  /** Session mode: bytes that all sessions keep together; beyond it sessions wait for acknowledgements. Default 256 MiB. */
  resumeTotalBytes?: number | undefined;
  /** Time for the JSON body of an HTTP request. Default 10 000, at most 600 000. A breach is answered with 408. */
  bodyTimeoutMs?: number | undefined;
  /** Refused sockets that are told why over the socket at once; beyond it the answer is an HTTP status. Default 200. */
  toldRefusals?: number | undefined;
}

export interface VoiceProxyOptions {
  /** How users are authenticated: `jwt({...})`, or `none()` written out. Required. */
  auth: Authenticator;
  /**
   * Public path to upstream, such as `{ '/deepgram-proxy': deepgram({ apiKey }) }`; presets for HTTP bring their paths along:
   * `{ ...claude({ apiKey, model }) }`. At least one. With a host before it, such as `//voice.example.com/v2/live`, a path holds for
   * that host alone, whatever `basePath` is. `mount()` makes entries for a provider's own paths. With its method before it, such as
   * `POST /deepgram/v1/listen`, an HTTP route stands beside a socket of the same path.
   */
  routes: Readonly<Record<string, Route | HttpRoute>>;
  /** Origins of pages that may connect, exact. Default: pages of the same host only (cross-site WebSocket hijacking). */
  origins?: readonly string[] | undefined;
  /** Whether clients without an Origin header, everything but browsers, may connect. Default true. */
  allowNoOrigin?: boolean | undefined;
  /**
   * Addresses that may connect, as addresses and ranges: `['192.0.2.7', '10.0.0.0/8']`. Default: all. Others are refused with
   * `PolicyViolation`, before anything else is looked at.
   */
  ipAllowList?: readonly string[] | undefined;
  /**
   * Number of proxies in front that append the client's address to `X-Forwarded-For`, from 0 to 10. Default 0: the socket's
   * address counts and the header is ignored, since anybody can send one (limits and address lists would be evaded).
   */
  trustedProxies?: number | undefined;
  /** Prefix of the routes and of `/`, `/health`, `/ready`, such as `/voice`. Default: none, and those three only in listen(). */
  basePath?: string | undefined;
  /**
   * Whether the name of an upstream may lead to addresses of private networks or of this machine. Default false: a session to such an
   * address ends as `UpstreamUnavailable`, so that nobody who answers for the name can point the server at what is
   * inside (server-side request forgery, DNS rebinding). An upstream written as `localhost`, `127.x.x.x` or `[::1]` may always be
   * on this machine.
   */
  allowPrivateUpstreams?: boolean | undefined;
  /**
   * PEM texts for the TLS to upstreams: `ca` replaces the certificate authorities that Node trusts, `cert` and `key` are shown to upstreams
   * that ask for a certificate. Default: Node's authorities, no certificate. The check of certificates cannot be turned off.
   */
  upstreamTls?: UpstreamTls | undefined;
  /** Ends a session when its token expires, with `AuthExpired`. Default false: a session may outlive its token. */
  endAtExpiry?: boolean | undefined;
  /**
   * Whether clients may ask for session mode, in which a call survives the loss of its connection (PROTOCOL.md 8). Default true;
   * clients that do not ask are not concerned.
   */
  sessionMode?: boolean | undefined;
  /**
   * How frames are relayed: `bytes` walks frame headers and passes what came; `messages` takes every message apart and sends
   * it again with the `ws` package, and is there to compare with. Default `bytes`.
   */
  legs?: 'bytes' | 'messages' | undefined;
  /**
   * `seed` relaxes what clients of the systems before voxproxy need, by a list that is written to the log at start. Default: nothing
   * is relaxed. What it allows puts keys into pages, and lets pages name addresses that a provider calls.
   */
  compat?: 'seed' | undefined;
  /**
   * When a provider that is down is not dialled for a while; its clients are told at once, with `UpstreamUnavailable` and a time to
   * come back. Then one dial at a time tries it. `false` dials for every client. Default: after 5 failed dials in a row, for 1 s at
   * first and up to 30 s.
   */
  breaker?: BreakerOptions | false | undefined;
  limits?: LimitOptions | undefined;
  /** A pino logger or the like; `false` for none. Default: JSON lines on standard output. */
  logger?: Logger | false | undefined;
  /** Time and timers; for tests. */
  clock?: Clock | undefined;
}

export type Limits = { readonly [Name in keyof LimitOptions]-?: number };

export const DEFAULT_LIMITS: Limits = {
  authTimeoutMs: 10_000,
  credentialTimeoutMs: 5_000,
  credentialSockets: 200,
  earlyBytes: 1_048_576,
  idleTimeoutMs: 300_000,
  longestSessionMs: 3_600_000,
  pingIntervalMs: 25_000,
  stallTimeoutMs: 30_000,
  lagTimeoutMs: Infinity,
  closeTimeoutMs: 5_000,
  drainGraceMs: 30_000,
  messageTimeoutMs: 300_000,
  hookTimeoutMs: 5_000,
  resumeHoldMs: 30_000,
  resumeBytes: 1_048_576,
  resumeTotalBytes: 268_435_456,
  bodyTimeoutMs: 10_000,
  toldRefusals: 200,
};

export interface ResolvedOptions {
  readonly auth: Authenticator;
  /** By full public path. */
  readonly routes: ReadonlyMap<string, Route>;
  /** By full public path too. */
  readonly httpRoutes: ReadonlyMap<string, HttpRoute>;
  readonly ipAllowList: readonly string[] | undefined;
  readonly trustedProxies: number;
  readonly origins: readonly string[] | undefined;
  readonly allowNoOrigin: boolean;
  readonly basePath: string | undefined;
  readonly endAtExpiry: boolean;
  readonly allowPrivateUpstreams: boolean;
  readonly upstreamTls: UpstreamTls | undefined;
  readonly sessionMode: boolean;
  readonly legs: 'bytes' | 'messages';
  readonly compat: 'seed' | undefined;
  /** Undefined when it is off. */
  readonly breaker: BreakerRules | undefined;
  readonly limits: Limits;
  readonly logger: Logger | false | undefined;
  readonly clock: Clock;
}

/** One message for whatever is wrong with a value: a validator's own ones do not say what to do. */
const bounded = (max: number) => {
  const error = `is not a number above 0 and at most ${max}.`;
  return z.number({ error }).positive({ error }).max(max, { error }).optional();
};
const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0;
const unbounded = z.custom<number>(isPositive, 'is not a number above 0, or Infinity for never.').optional();
const flag = z.boolean({ error: 'is neither true nor false.' }).optional();
/** Replaces the message only where the value is of another type altogether. */
const typed = (message: string) => ({
  error: ({ code }: { readonly code?: string }) => (code === 'invalid_type' ? message : undefined),
});
const pem = z.string({ error: 'is not a PEM text. Read the file that holds it.' }).optional();
const HOUR_MS = 3_600_000;
const PATH = /^(?:\/[A-Za-z0-9._~-]+)+$/;
/** A path, or a host and a path, with `{name}` for what the client fills in; before it perhaps the method of an HTTP route. */
const ROUTE_KEY =
  /^(?:(?:GET|POST) )?(?:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)*)?(?:\/(?:[A-Za-z0-9._~-]+|\{[A-Za-z][A-Za-z0-9_]*\}))+$/;

const HOPS_ERROR = 'is not a number of proxies from 0 to 10.';
const PATH_ERROR = 'is not a path. Write it like /voice, without a slash at the end.';

const SHAPE = z.strictObject(
  {
    auth: z.custom<Authenticator>(
      isAuthenticator,
      'is missing. Pass jwt({ ... }), or none() to let everybody in.',
    ),
    routes: z.record(
      z.string().regex(ROUTE_KEY, 'is not a path. Write it like /deepgram-proxy.'),
      z.custom<Route | HttpRoute>(isRoute, 'is not a route. Use a preset, such as deepgram({ apiKey }).'),
      typed("is not an object. Write it like { '/deepgram-proxy': deepgram({ apiKey }) }."),
    ),
    origins: z
      .array(
        z.string({ error: 'is not a text. Write it like https://app.example.com.' }),
        typed("is not a list. Write it like ['https://app.example.com']."),
      )
      .readonly()
      .optional(),
    allowNoOrigin: flag,
    ipAllowList: z
      .array(
        z.string({ error: 'is not a text. Write it like 10.0.0.0/8.' }),
        typed("is not a list. Write it like ['10.0.0.0/8']."),
      )
      .readonly()
      .optional(),
    trustedProxies: z
      .number({ error: HOPS_ERROR })
      .int(HOPS_ERROR)
      .min(0, HOPS_ERROR)
      .max(10, HOPS_ERROR)
      .optional(),
    basePath: z.string({ error: PATH_ERROR }).regex(PATH, PATH_ERROR).optional(),
    endAtExpiry: flag,
    allowPrivateUpstreams: flag,
    upstreamTls: z
      .strictObject({ ca: pem, cert: pem, key: pem }, typed('is not an object. Write it like { ca }.'))
      .optional(),
    sessionMode: flag,
    legs: z.enum(['bytes', 'messages'], { error: "is neither 'bytes' nor 'messages'." }).optional(),
    compat: z.enum(['seed'], { error: "is not 'seed'. Leave it out for the safe default." }).optional(),
    // Checked where it is resolved.
    breaker: z.unknown().optional(),
    limits: z
      .strictObject(
        {
          authTimeoutMs: bounded(60_000),
          credentialTimeoutMs: bounded(60_000),
          credentialSockets: bounded(100_000),
          earlyBytes: bounded(67_108_864),
          idleTimeoutMs: unbounded,
          longestSessionMs: unbounded,
          pingIntervalMs: unbounded,
          stallTimeoutMs: bounded(HOUR_MS),
          lagTimeoutMs: unbounded,
          closeTimeoutMs: bounded(HOUR_MS),
          drainGraceMs: bounded(24 * HOUR_MS),
          messageTimeoutMs: unbounded,
          hookTimeoutMs: bounded(60_000),
          resumeHoldMs: bounded(600_000),
          resumeBytes: bounded(16_777_216),
          resumeTotalBytes: bounded(Number.MAX_SAFE_INTEGER),
          bodyTimeoutMs: bounded(600_000),
          toldRefusals: bounded(100_000),
        },
        typed('is not an object. Write it like { idleTimeoutMs: 60_000 }.'),
      )
      .optional(),
    logger: z
      .custom<Logger | false>(
        (value) => value === false || hasMethods(value, ['info', 'warn', 'error']),
        'has no info, warn and error methods. Pass a logger such as pino, or false for none.',
      )
      .optional(),
    clock: z
      .custom<Clock>(
        (value) => hasMethods(value, ['now', 'after', 'every']),
        'has no now, after and every methods.',
      )
      .optional(),
  },
  typed('is not given an object. Write it like createVoiceProxy({ auth, routes }).'),
);

/** @throws ConfigError that names the first option that cannot work. */
export function resolveOptions(options: VoiceProxyOptions): ResolvedOptions {
  const parsed = SHAPE.safeParse(options);
  if (!parsed.success) throw toConfigError(parsed.error);
  const basePath = options.basePath;
  const { sockets, httpRoutes } = resolveRoutes(options.routes, basePath ?? '');
  if (options.legs === 'messages') {
    checkMessageLegs(options.auth, sockets);
    checkNoSpares(sockets);
  }
  checkPassedTokens(options.auth, sockets);
  return {
    auth: options.auth,
    routes: sockets,
    httpRoutes,
    ipAllowList: options.ipAllowList,
    trustedProxies: options.trustedProxies ?? 0,
    origins: options.origins,
    allowNoOrigin: options.allowNoOrigin ?? true,
    basePath,
    endAtExpiry: options.endAtExpiry ?? false,
    upstreamTls: options.upstreamTls,
    allowPrivateUpstreams: options.allowPrivateUpstreams ?? false,
    sessionMode: options.sessionMode ?? true,
    legs: options.legs ?? 'bytes',
    compat: options.compat,
    breaker: resolveBreaker(options.breaker),
    limits: { ...DEFAULT_LIMITS, ...withoutUndefined(options.limits ?? {}) },
    logger: options.logger,
    clock: options.clock ?? systemClock,
  };
}

interface ResolvedRoutes {
  readonly sockets: ReadonlyMap<string, Route>;
  readonly httpRoutes: ReadonlyMap<string, HttpRoute>;
}

/** By full path, without the method that stands before some. */
function resolveRoutes(routes: VoiceProxyOptions['routes'], basePath: string): ResolvedRoutes {
  const [sockets, httpRoutes] = [new Map<string, Route>(), new Map<string, HttpRoute>()];
  for (const [key, route] of Object.entries(routes)) {
    const [path = '', method] = key.split(' ').toReversed();
    const full = `${path.startsWith('//') ? '' : basePath}${path}`;
    if (method !== undefined && !(isHttp(route) && route.method === method))
      throw new ConfigError(`routes.${key}`, `is not a route that answers ${method}.`);
    if (httpRoutes.has(full) && isHttp(route))
      throw new ConfigError(`routes.${key}`, 'has a path that another HTTP route has too.');
    if (isHttp(route)) httpRoutes.set(full, route);
    else sockets.set(full, route);
  }
  if (sockets.size + httpRoutes.size > 0) return { sockets, httpRoutes };
  throw new ConfigError('routes', "is empty. Add one, such as '/deepgram-proxy': deepgram({ apiKey }).");
}

/** The handshake of such a leg cannot be completed before its client is known. */
/** Such legs cannot give a first message back; whoever reads no token waits for none. */
function checkMessageLegs({ readsToken = true }: Authenticator, routes: ReadonlyMap<string, Route>): void {
  if (!readsToken) return;
  const [path] = [...routes].find(([, { preset }]) =>
    preset.clientCredential.some((slot) => slot.in === 'message'),
  ) ?? [undefined];
  if (path === undefined) return;
  throw new ConfigError(
    'legs',
    `cannot be 'messages' with ${path}, whose clients bring their token in a message.`,
  );
}

/** What a provider says before there is a session is kept as the bytes that it is. */
function checkNoSpares(routes: ReadonlyMap<string, Route>): void {
  const [path] = [...routes].find(([, { spares }]) => spares !== undefined) ?? [];
  if (path === undefined) return;
  throw new ConfigError(
    'legs',
    `cannot be 'messages' with ${path}, which keeps spare connections. Leave it out, or withSpares().`,
  );
}

/** An application's own token in a provider's hands could be used against the application. */
function checkPassedTokens(auth: Authenticator, routes: ReadonlyMap<string, Route>): void {
  const [path] = [...routes].find(([, { passesTokens }]) => passesTokens === true) ?? [];
  if (path === undefined || auth.letsTokensPass === true) return;
  throw new ConfigError(
    'auth',
    `does not check tokens of the provider, to which ${path} passes them on. Use entra().`,
  );
}

function toConfigError(error: z.ZodError): ConfigError {
  const issue = error.issues[0];
  const path = (issue?.path ?? []).map(String).join('.');
  if (issue?.code === 'unrecognized_keys') {
    return new ConfigError(
      `${path === '' ? '' : `${path}.`}${issue.keys[0]}`,
      'is not an option. Check its spelling.',
    );
  }
  const said = issue?.code === 'invalid_key' ? issue.issues[0] : issue;
  return new ConfigError(path === '' ? 'createVoiceProxy()' : path, said?.message ?? 'cannot work.');
}

function withoutUndefined(limits: LimitOptions): Partial<Limits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}

function isAuthenticator(value: unknown): boolean {
  return hasMethods(value, ['authenticate']);
}

function isRoute(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isHttp(value) || ('preset' in value && 'keys' in value);
}

function isHttp(route: object): route is HttpRoute {
  return 'kind' in route && route.kind === 'http' && hasMethods(route, ['answer']);
}
