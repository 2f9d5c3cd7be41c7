/**
 * One upgrade listener for each HTTP server, however many proxies are attached to it, so that every upgrade is answered
 * once and those that belong to other listeners are left alone.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { refuseOverHttp } from './http-refusal.ts';
import { pathOf } from './upgrade.ts';

/** Takes an upgrade if its path is its own; true when it did. */
export type Claim = (path: string, request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

interface Hub {
  readonly claims: Set<Claim>;
  readonly listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Keyed by the application's server, so nothing outlives it. */
const hubs = new WeakMap<Server, Hub>();

/** Offers the server's upgrades to `claim`. Returns the way to stop, after which the server is as before. */
export function joinHub(server: Server, claim: Claim, clock: Clock): () => void {
  const hub = hubs.get(server) ?? openHub(server, clock);
  hub.claims.add(claim);
  return () => {
    // A second call must not close a hub that others have opened meanwhile.
    if (!hub.claims.delete(claim) || hub.claims.size > 0) return;
    server.off('upgrade', hub.listener);
    hubs.delete(server);
  };
}

function openHub(server: Server, clock: Clock): Hub {
  const claims = new Set<Claim>();
  const listener: Hub['listener'] = (request, socket, head) => {
    const path = pathOf(request.url);
    if (path !== undefined && [...claims].some((claim) => claim(path, request, socket, head))) return;
    // Another listener may own it, and may answer later; without one nobody else ever would.
    if (server.listenerCount('upgrade') > 1) return;
    socket.on('error', () => socket.destroy());
    refuseOverHttp(socket, path === undefined ? MALFORMED : NOT_FOUND, clock);
  };
  const hub = { claims, listener };
  hubs.set(server, hub);
  server.on('upgrade', listener);
  return hub;
}

const MALFORMED = { status: 400, error: 'bad_request', message: 'The request target must be a path.' };
const NOT_FOUND = {
  status: 404,
  error: 'not_found',
  message: 'There is no WebSocket endpoint at this path.',
};
