/**
 * One upgrade listener for each HTTP server, however many proxies are attached to it, so that every upgrade is answered
 * once and those that belong to other listeners are left alone.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { asksForWebSocket, declineBeforehand, declineUpgrade } from './decline-upgrade.ts';
import { refuseOverHttp } from './http-refusal.ts';
import { pathOf } from './upgrade.ts';

/** Takes an upgrade if its path is its own; true when it did. */
export type Claim = (path: string, request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

type Upgrade = [request: IncomingMessage, socket: Duplex, head: Buffer];

interface Hub {
  readonly claims: Set<Claim>;
  /** Makes the server as it was. */
  readonly leave: () => void;
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
    hub.leave();
    hubs.delete(server);
  };
}

function openHub(server: Server, clock: Clock): Hub {
  const claims = new Set<Claim>();
  const isAlone = (): boolean => server.listenerCount('upgrade') === 1;
  const restore = seeFirst(server, (request, socket, head) => {
    // Beside others one that asks for something else is refused where the path is ours, since they would leave it alone.
    const path = asksForWebSocket(request) || !isAlone() ? pathOf(request.url) : undefined;
    return path !== undefined && [...claims].some((claim) => claim(path, request, socket, head));
  });
  const upgradeAll = declineBeforehand(server, () => !isAlone());
  const onUnclaimed = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (isAlone() && !asksForWebSocket(request) && declineUpgrade(server, request, socket, head)) return;
    // Node listens no longer, and a reset that nobody listens to would end the process.
    socket.on('error', () => socket.destroy());
    const isMalformed = pathOf(request.url) === undefined;
    // Another listener may own a path, and may answer later; without one nobody else ever would.
    if (!isMalformed && !isAlone()) return;
    refuseOverHttp(socket, isMalformed ? MALFORMED : NOT_FOUND, clock);
  };
  const leave = (): void => {
    restore();
    upgradeAll();
    server.off('upgrade', onUnclaimed);
  };
  const hub = { claims, leave };
  hubs.set(server, hub);
  server.on('upgrade', onUnclaimed);
  return hub;
}

/**
 * Keeps upgrades that are taken from the server's listeners. One listener among others could not: a `ws` server with a
 * path refuses all that is not its own, and Socket.IO's ends it after a second.
 */
function seeFirst(server: Server, take: (...upgrade: Upgrade) => boolean): () => void {
  const before = Object.getOwnPropertyDescriptor(server, 'emit');
  const emit = server.emit.bind(server) as (event: string | symbol, ...args: unknown[]) => boolean;
  const emitUntaken = (event: string | symbol, ...args: unknown[]): boolean =>
    (event === 'upgrade' && take(...(args as Upgrade))) || emit(event, ...args);
  server.emit = emitUntaken;
  return () => {
    // Whoever has wrapped it since calls a function that takes nothing any more.
    if (server.emit !== emitUntaken) return;
    if (before) Object.defineProperty(server, 'emit', before);
    else Reflect.deleteProperty(server, 'emit');
  };
}

const MALFORMED = { status: 400, error: 'bad_request', message: 'The request target must be a path.' };
const NOT_FOUND = {
  status: 404,
  error: 'not_found',
  message: 'There is no WebSocket endpoint at this path.',
};
