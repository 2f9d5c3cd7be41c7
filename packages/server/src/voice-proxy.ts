/** createVoiceProxy(): makes each part once and joins them to the HTTP servers that the application gives. */
import type { Server } from 'node:http';
import { createAddressList } from './auth/address-list.ts';
import type { CallerChecks } from './auth/caller.ts';
import { createOriginPolicy } from './auth/origin.ts';
import { createRouter, toHandle, type Handle, type Router } from './http/router.ts';
import { openListener, type Listening, type ListenOptions } from './http/listener.ts';
import { createHttpPlane, type HttpPlane } from './http/http-plane.ts';
import { createKeyLog } from './observability/key-log.ts';
import { createLogger, silentLogger, type Logger } from './observability/log.ts';
import { createRequestLog } from './observability/request-log.ts';
import { createSessionLog } from './observability/session-log.ts';
import { resolveOptions, type ResolvedOptions, type VoiceProxyOptions } from './options.ts';
import { createDeferredAuth, type DeferredLimits } from './session/deferred-auth.ts';
import { createEnds, type Ends } from './session/ends.ts';
import { createEntrance, type Entrance } from './session/entrance.ts';
import { createRegistry, type Registry } from './session/registry.ts';
import { ResumeTable } from './session/resume-table.ts';
import type { ResumeParts } from './session/returning.ts';
import { ReplayPool } from './relay/replay-buffer.ts';
import { createRefuser } from './session/told-refusal.ts';
import { joinHub, type Claim } from './session/upgrade-hub.ts';
import { createConnector, type Connector } from './upstream/connector.ts';
import { createCallUpstream } from './upstream/http-call.ts';
import { createKeyLoading, type KeyLoading } from './upstream/key-loading.ts';
import type { KeyRing } from './upstream/key-ring.ts';
import { createKeyedCall } from './upstream/keyed-call.ts';
import type { KeyedParts } from './upstream/key-choice.ts';
import { compileRoutePolicies } from './upstream/policy/route-policies.ts';
import { describeRoute } from './upstream/describe-route.ts';
import { createRouteTable } from './upstream/route-table.ts';
import { VERSION } from './version.ts';

export interface VoiceProxy {
  /** Sessions from admission to end. */
  readonly sessions: number;
  /** Serves the routes on an existing HTTP server, beside its other upgrade listeners. Returns the way to detach. */
  attach(server: Server): () => void;
  /** Answers the proxy's HTTP paths; others go to `next`, or get a JSON 404 where there is none. Fits `app.use()`. */
  readonly handle: Handle;
  /** Runs the proxy alone. Rejects when the address cannot be had, or with a ConfigError when a key cannot be loaded.
   After `close()` what it opens is closed again. */
  listen(options?: ListenOptions): Promise<Listening>;
  /** Readiness off, new upgrades refused, running sessions end by the grace. Resolves when none is left. */
  drain(graceMs?: number): Promise<void>;
  /** Ends all sessions at once, detaches, and closes what `listen()` opened. */
  close(): Promise<void>;
}

/** @throws ConfigError that names the option that cannot work. */
export function createVoiceProxy(options: VoiceProxyOptions): VoiceProxy {
  const parts = assemble(resolveOptions(options));
  const { resolved, registry, resume, ends, claim, plane, loading } = parts;
  const toHandleAt = (basePath: string | undefined): Handle => toHandle(makeRouter(parts, basePath));
  const closers = new Set<() => unknown>([() => loading.stop(), () => ends.stopSpares()]);
  let isClosed = false;
  const attach = createAttach(resolved, claim, closers);
  return {
    get sessions() {
      return registry.size;
    },
    attach,
    handle: toHandleAt(resolved.basePath),
    async listen(listenOptions = {}) {
      await loading.loadAll();
      const listening = await openListener(
        listenOptions,
        toHandleAt(resolved.basePath ?? ''),
        resolved.clock,
      );
      attach(listening.server);
      closers.add(() => listening.close());
      if (isClosed) await endAll(closers);
      return listening;
    },
    async drain(graceMs = resolved.limits.drainGraceMs) {
      ends.stopSpares();
      await Promise.all([registry.drain(graceMs), plane.drain(graceMs)]);
    },
    async close() {
      isClosed = true;
      await Promise.all([plane.close(), registry.close()]);
      resume.table.close();
      await endAll(closers);
    },
  };
}

/** Everything that one proxy owns. */
function assemble(resolved: ResolvedOptions) {
  const registry = createRegistry(resolved.clock);
  const resume = makeResume(resolved);
  const shared = makeShared(resolved);
  const { clock, legs, breaker } = resolved;
  const ends = createEnds({ clock, legs, breaker, ...shared });
  const claim = createClaim(resolved, makeEntrance(resolved, { ...shared, ends, registry, resume }));
  const plane = makePlane(resolved, shared, registry);
  return { resolved, registry, resume, ends, claim, plane, loading: shared.loading };
}

/** Joins a server's upgrades; what it opens can be left by itself, or with everything else. */
function createAttach(
  { clock }: ResolvedOptions,
  claim: Claim,
  closers: Set<() => unknown>,
): VoiceProxy['attach'] {
  return (server) => {
    const leave = joinHub(server, claim, clock);
    closers.add(leave);
    return () => {
      closers.delete(leave);
      leave();
    };
  };
}

async function endAll(closers: Set<() => unknown>): Promise<void> {
  const ending = [...closers].map((close) => close());
  closers.clear();
  await Promise.all(ending);
}

/** A route owns exactly its path. */
function createClaim(resolved: ResolvedOptions, entrance: Entrance): Claim {
  const find = createRouteTable(resolved.routes);
  return (path, request, socket, head) => {
    const match = find(path, request.headers.host);
    if (!match) return false;
    const { route, values } = match;
    entrance(values ? { ...route, values, registered: route } : route, request, socket, head);
    return true;
  };
}

function makeResume({ clock, limits }: ResolvedOptions): ResumeParts {
  return {
    limits: { holdMs: limits.resumeHoldMs, windowBytes: limits.resumeBytes },
    table: new ResumeTable(clock),
    pool: new ReplayPool(limits.resumeTotalBytes),
  };
}

/** What sockets and HTTP requests have in common. */
interface Shared {
  readonly checks: CallerChecks;
  readonly connector: Connector;
  readonly logger: Logger;
  readonly loading: KeyLoading;
  readonly keyed: KeyedParts;
}

function makeShared(resolved: ResolvedOptions): Shared {
  const { clock, auth, origins, allowNoOrigin, ipAllowList, logger } = resolved;
  const { allowPrivateUpstreams, upstreamTls } = resolved;
  const chosen = logger === false ? silentLogger : (logger ?? createLogger());
  const keyLog = createKeyLog(chosen);
  const loading = createKeyLoading(ringsOf(resolved), clock, keyLog);
  return {
    loading,
    keyed: { loading, onRefused: keyLog.refused },
    checks: {
      auth,
      origins: createOriginPolicy({ origins, allowNoOrigin }),
      addresses: ipAllowList && createAddressList('ipAllowList', ipAllowList),
      now: () => clock.now(),
    },
    connector: createConnector({ allowPrivateAddresses: allowPrivateUpstreams, tls: upstreamTls }),
    logger: chosen,
  };
}

function makePlane(
  { clock, limits, trustedProxies }: ResolvedOptions,
  { checks, connector, logger, keyed }: Shared,
  registry: Registry,
): HttpPlane {
  return createHttpPlane({
    clock,
    checks,
    trustedProxies,
    authMs: limits.authTimeoutMs,
    bodyMs: limits.bodyTimeoutMs,
    call: createKeyedCall(createCallUpstream(clock, connector), keyed),
    log: createRequestLog(logger),
    isDraining: () => registry.isDraining,
  });
}

interface EntranceShare extends Shared {
  readonly ends: Ends;
  readonly registry: Registry;
  readonly resume: ResumeParts;
}

function makeEntrance(resolved: ResolvedOptions, share: EntranceShare): Entrance {
  const { clock, limits, endAtExpiry, trustedProxies } = resolved;
  const { registry, resume, checks, ends, logger } = share;
  const { policies, relaxed } = compileRoutePolicies(resolved.routes, resolved.compat);
  for (const relaxation of relaxed) logger.warn(relaxation, 'compat profile seed relaxes a rule');
  return createEntrance({
    clock,
    awaitCredential: createDeferredAuth(clock, toDeferredLimits(limits), registry),
    admission: { ...checks, trustedProxies },
    limits: {
      earlyBytes: limits.earlyBytes,
      authMs: limits.authTimeoutMs,
      idleMs: limits.idleTimeoutMs,
      longestMs: limits.longestSessionMs,
      pingMs: limits.pingIntervalMs,
      stallMs: limits.stallTimeoutMs,
      closeMs: limits.closeTimeoutMs,
      lagMs: limits.lagTimeoutMs,
      messageMs: limits.messageTimeoutMs,
    },
    hookMs: limits.hookTimeoutMs,
    policies,
    resume: resolved.sessionMode ? resume : undefined,
    endAtExpiry,
    registry,
    refuser: createRefuser(clock, limits.toldRefusals),
    dial: ends.dial,
    accept: ends.accept,
    log: createSessionLog(logger),
  });
}

interface RouterParts {
  readonly resolved: ResolvedOptions;
  readonly registry: Registry;
  readonly plane: HttpPlane;
  readonly loading: KeyLoading;
}

/** Routes of one preset share one. */
function ringsOf({ routes, httpRoutes }: ResolvedOptions): Set<KeyRing> {
  const rings = [...routes.values(), ...httpRoutes.values()].map(({ keys }) => keys);
  return new Set(rings.filter((ring) => ring !== undefined));
}

function toDeferredLimits(limits: ResolvedOptions['limits']): DeferredLimits {
  const { credentialTimeoutMs: credentialMs, credentialSockets: mostWaiting, earlyBytes } = limits;
  return { credentialMs, mostWaiting, earlyBytes };
}

function describeRoutes(
  { routes }: ResolvedOptions,
  paths: readonly string[],
): Record<string, object> | undefined {
  const described = paths.flatMap((path) => {
    const route = routes.get(path);
    const facts = route && describeRoute(route);
    return facts ? [[path, facts] as const] : [];
  });
  return described.length === 0 ? undefined : Object.fromEntries(described);
}

function makeRouter(
  { resolved, registry, plane, loading }: RouterParts,
  basePath: string | undefined,
): Router {
  const { routes, httpRoutes, clock } = resolved;
  const paths = [...routes.keys()].filter((key) => !key.startsWith('//') && !key.includes('{'));
  const facts = {
    version: VERSION,
    paths,
    httpPaths: [...httpRoutes.keys()].filter((key) => !key.startsWith('//')),
    routes: describeRoutes(resolved, paths),
    now: () => clock.now(),
    isDraining: () => registry.isDraining,
    hasKeys: () => loading.areLoaded(),
  };
  return createRouter(facts, basePath, { routes: httpRoutes, plane });
}
