/** A provider that takes some keys and refuses others: Deepgram's, by the subprotocols `token, KEY`. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { Changes } from '../../src/testing/changes.ts';
import type { TestCleanup } from './test-cleanup.ts';

export interface KeyedUpstream {
  readonly url: string;
  /** The key of each upgrade, in order. */
  readonly asked: readonly string[];
  /** Those that are taken from now on. */
  take(...keys: string[]): void;
  /** The open socket of this place in the order of their opening. */
  socket(at: number): Promise<WebSocket>;
}

export async function startKeyedUpstream(test: TestCleanup, ...taken: string[]): Promise<KeyedUpstream> {
  let good = taken;
  const asked: string[] = [];
  const sockets: WebSocket[] = [];
  const changes = new Changes();
  const server = createServer();
  const sessions = new WebSocketServer({ noServer: true, handleProtocols: () => 'token' });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    const key = request.headers['sec-websocket-protocol']?.split(/,\s*/)[1] ?? '';
    asked.push(key);
    socket.on('error', () => undefined);
    if (!good.includes(key)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    sessions.handleUpgrade(request, socket, head, (open) => {
      sockets.push(open);
      changes.notify();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.onTestFinished(() => {
    for (const socket of sockets) socket.terminate();
    server.close();
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/agent/converse`,
    asked,
    take: (...keys) => (good = keys),
    socket: (at) => changes.wait({ probe: () => sockets[at], what: () => `session ${at}` }),
  };
}
