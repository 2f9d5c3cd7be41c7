/** A WebSocket server of the `ws` package whose connections follow a script, one turn each; knows nothing of voxproxy. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { withDeadline } from './with-deadline.ts';

/** What a connection sees: an HTTP status instead of a handshake, silence, or a socket in the hands of `run`. */
export type Turn = { status: number } | 'silence' | SocketTurn;
export type SocketTurn = (socket: WebSocket, visit: Visit) => void;

/** One connection, as the server saw it. */
export interface Visit {
  readonly url: string;
  readonly protocols: string | undefined;
  readonly frames: (string | Buffer)[];
}

export interface ScriptedServer {
  readonly url: string;
  readonly visits: Visit[];
  /** TCP connections that are open now. */
  readonly openSockets: () => number;
  /** Resolves when `isDone` holds after a frame, a visit or the end of a socket. */
  readonly until: (isDone: () => boolean) => Promise<void>;
}

/** The last turn serves all further connections. */
export async function startServer(...turns: Turn[]): Promise<ScriptedServer> {
  const server = createServer();
  const webSockets = new WebSocketServer({ noServer: true });
  const sockets = new Set<Duplex>();
  const watchers = new Set<() => void>();
  const visits: Visit[] = [];
  const changed = (): void => watchers.forEach((watch) => watch());
  server.on('connection', (socket: Duplex) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket) && changed());
    socket.on('error', () => {});
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const turn = turns[Math.min(visits.length, turns.length - 1)] ?? (() => {});
    const visit = {
      url: request.url ?? '',
      protocols: request.headers['sec-websocket-protocol'],
      frames: [],
    };
    visits.push(visit);
    changed();
    if (turn === 'silence') return void socket.resume().on('end', () => socket.end());
    if (typeof turn === 'object')
      return void socket.end(`HTTP/1.1 ${turn.status} No\r\nConnection: close\r\n\r\n`);
    webSockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, visit, turn, changed));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const until = (isDone: () => boolean): Promise<void> =>
    withDeadline('the server', (resolve) => {
      const watch = (): void => void (isDone() && watchers.delete(watch) && resolve());
      watchers.add(watch);
      watch();
    });
  return { url: `ws://127.0.0.1:${port}/route`, visits, openSockets: () => sockets.size, until };
}

function serve(socket: WebSocket, visit: Visit, run: SocketTurn, changed: () => void): void {
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => {
    visit.frames.push(isBinary ? (data as Buffer) : data.toString());
    changed();
  });
  run(socket, visit);
}
