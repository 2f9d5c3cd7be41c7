/** createVoiceProxy(): makes each part once and joins them to the HTTP servers that the application gives. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createOriginPolicy } from './auth/origin.ts';
import { createRouter, NOT_FOUND, type Router } from './http/router.ts';
import { respondJson } from './http/respond.ts';
import { openListener, type Listening, type ListenOptions } from './http/listener.ts';
import { createLogger, silentLogger } from './observability/log.ts';
import { createSessionLog } from './observability/session-log.ts';
import { resolveOptions, type ResolvedOptions, type VoiceProxyOptions } from './options.ts';
import { createAccept } from './session/accept.ts';
import { createEntrance, type Entrance } from './session/entrance.ts';
import { createRegistry, type Registry } from './session/registry.ts';
import { createRefuser } from './session/told-refusal.ts';
import { joinHub, type Claim } from './session/upgrade-hub.ts';
import { createDial } from './upstream/dial.ts';
import { VERSION } from './version.ts';

export interface VoiceProxy {
  /** Sessions from admission to end. */
  readonly sessions: number;
  /** Serves the routes on an existing HTTP server, beside its other upgrade listeners. Returns the way to detach. */
  attach(server: Server): () => void;
  /** Answers the proxy's HTTP paths; others go to `next`, or get a JSON 404 where there is none. Fits `app.use()`. */
  readonly handle: (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;
  /** Runs the proxy alone. Rejects when the address cannot be had. */
  listen(options?: ListenOptions): Promise<Listening>;
  /** Readiness off, new upgrades refused, running sessions end by the grace. Resolves when none is left. */
  drain(graceMs?: number): Promise<void>;
  /** Ends all sessions at once, detaches, and closes what `listen()` opened. */
  close(): Promise<void>;
}

/** @throws ConfigError that names the option that cannot work. */
export function createVoiceProxy(options: VoiceProxyOptions): VoiceProxy {
  const resolved = resolveOptions(options);
  const registry = createRegistry(resolved.clock);
  const claim = createClaim(resolved, makeEntrance(resolved, registry));
  const closers: (() => unknown)[] = [];
  const attach = (server: Server): (() => void) => {
    const leave = joinHub(server, claim, resolved.clock);
    closers.push(leave);
    return leave;
  };
  const router = makeRouter(resolved, registry, resolved.basePath);
  return {
    get sessions() {
      return registry.size;
    },
    attach,
    handle: (request, response, next) => {
      if (router.answer(request, response)) return;
      if (next) next();
      else respondJson(response, NOT_FOUND.status, NOT_FOUND.body);
    },
    async listen(listenOptions = {}) {
      const ownRouter = makeRouter(resolved, registry, resolved.basePath ?? '');
      const listening = await openListener(listenOptions, ownRouter);
      attach(listening.server);
      closers.push(() => listening.close());
      return listening;
    },
    drain: (graceMs = resolved.limits.drainGraceMs) => registry.drain(graceMs),
    async close() {
      await registry.close();
      await Promise.all(closers.splice(0).map((close) => close()));
    },
  };
}

/** A route owns exactly its path. */
function createClaim(resolved: ResolvedOptions, entrance: Entrance): Claim {
  return (path, request, socket, head) => {
    const route = resolved.routes.get(path);
    if (!route) return false;
    entrance(route, request, socket, head);
    return true;
  };
}

function makeEntrance(resolved: ResolvedOptions, registry: Registry): Entrance {
  const { clock, limits, auth, origins, allowNoOrigin, endAtExpiry } = resolved;
  const logger = resolved.logger === false ? silentLogger : (resolved.logger ?? createLogger());
  return createEntrance({
    clock,
    admission: { auth, origins: createOriginPolicy({ origins, allowNoOrigin }), now: () => clock.now() },
    limits: {
      earlyBytes: limits.earlyBytes,
      authMs: limits.authTimeoutMs,
      idleMs: limits.idleTimeoutMs,
      longestMs: limits.longestSessionMs,
      pingMs: limits.pingIntervalMs,
      stallMs: limits.stallTimeoutMs,
      closeMs: limits.closeTimeoutMs,
    },
    endAtExpiry,
    registry,
    refuser: createRefuser(clock, limits.toldRefusals),
    dial: createDial(clock),
    accept: createAccept(),
    log: createSessionLog(logger),
  });
}

function makeRouter(resolved: ResolvedOptions, registry: Registry, basePath: string | undefined): Router {
  const facts = {
    version: VERSION,
    paths: [...resolved.routes.keys()],
    now: () => resolved.clock.now(),
    isDraining: () => registry.isDraining,
  };
  return createRouter(facts, basePath);
}
