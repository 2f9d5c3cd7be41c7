/**
 * Serves a request that wishes for another protocol than WebSocket as one that wishes for none, which a server may (RFC 9110 7.8). Java's
 * HTTP client and `curl --http2` ask any server for `h2c` by themselves. A server that has upgrade listeners is asked beforehand whether a
 * request is one, from Node 22 on. Before, it hands over all of them and reads their connections no longer: then the head is written anew,
 * and the server is given the connection once more.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Of one connection only, and about the wish (RFC 9110 7.6.1; RFC 7540 3.2.1). */
const WISHES = ['upgrade', 'http2-settings'];
/** Node's own limit where the server sets none. */
const MOST_HEADERS = 1_000;

type Asking = Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'rawHeaders'>;

/** True also when it would take another protocol as well. */
export function asksForWebSocket({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return tokensOf(headers.upgrade ?? '').some((token) => token.toLowerCase() === 'websocket');
}

/** What a server is asked beforehand, where Node does so. */
type Asked = Server & { shouldUpgradeCallback?: (request: IncomingMessage) => boolean };

/** Has the server make no upgrade of such requests unless `isForOthers` says so. Returns the way back. */
export function declineBeforehand(server: Asked, isForOthers: () => boolean): () => void {
  const { shouldUpgradeCallback: before } = server;
  if (!before) return () => undefined;
  const isUpgrade = (request: IncomingMessage): boolean =>
    before.call(server, request) && (asksForWebSocket(request) || isForOthers());
  server.shouldUpgradeCallback = isUpgrade;
  return () => {
    if (server.shouldUpgradeCallback === isUpgrade) server.shouldUpgradeCallback = before;
  };
}

/** `head` is what came behind the request's head. False when it cannot be done; the socket is then as it was. */
export function declineUpgrade(server: Server, request: Asking, socket: Duplex, head: Buffer): boolean {
  // Node drops headers behind its limit without a word. With one that tells of a body, the body would be read as a request.
  const isWhole = request.rawHeaders.length < 2 * (server.maxHeadersCount || MOST_HEADERS);
  if (!isWhole || socket.destroyed || socket.readableEnded) return false;
  if (isAnswering(socket)) {
    // Two servers of one connection would answer in no order.
    socket.destroy();
    return true;
  }
  socket.unshift(Buffer.concat([headOf(request), head]));
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
  return true;
}

/** Whether an answer to a request before is still under way; the property is Node's own, and so old that packages rely on it. */
function isAnswering(socket: Duplex): boolean {
  return Boolean(Reflect.get(socket, '_httpMessage'));
}

/** As it came, without the wish. */
function headOf({ method = '', url = '', httpVersion, rawHeaders }: Asking): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const rest = name.toLowerCase() === 'connection' ? withoutWishes(value) : value;
    if (rest !== undefined && !WISHES.includes(name.toLowerCase())) lines.push(`${name}: ${rest}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** What a Connection header names beside the wish; undefined when that is nothing. */
function withoutWishes(value: string): string | undefined {
  const others = tokensOf(value).filter((token) => !WISHES.includes(token.toLowerCase()));
  return others.length === 0 ? undefined : others.join(', ');
}

function tokensOf(list: string): string[] {
  return list
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '');
}
