/**
 * A server that keeps no secret: at `/leak` it tells one in a header and in the body, and its sockets send back every
 * frame and say the secret in their farewell, which follows the first bytes.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface LeakyServer {
  /** Of an empty page, without a slash at the end. */
  url: string;
  close(): Promise<void>;
}

export async function startLeakyServer(secret: string): Promise<LeakyServer> {
  const server = createServer(({ url }, response) => {
    const leaks = url === '/leak';
    response.writeHead(200, { 'content-type': 'text/html', ...(leaks ? { 'x-leak': secret } : {}) });
    response.end(leaks ? secret : '<!doctype html>');
  });
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('message', (payload, binary) => {
      socket.send(payload, { binary });
      if (binary) socket.close(4000, secret);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
  };
}
