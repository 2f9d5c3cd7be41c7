/** An upstream of bytes for tests of the dial: it tells of connections and requests, and sends what the test says. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { acceptDigestOf } from '../../src/leg/accept-digest.ts';
import { TEST_CERTIFICATE } from './test-certificate.ts';
import type { TestCleanup } from './test-cleanup.ts';

export interface RawUpstreamOptions {
  /** Called with each TCP connection, before anything is read; false keeps TLS away from it. */
  readonly onConnection?: (socket: Socket) => boolean | void;
  /** Called with each whole request. */
  readonly onRequest?: (socket: Socket, request: string) => void;
  /** Speaks TLS with the test certificate, with these changes. */
  readonly tls?: TlsOptions;
}

export interface RawUpstream {
  readonly port: number;
  /** `wss:` for one that speaks TLS, to `localhost`. */
  readonly url: string;
  readonly requests: string[];
  /** All TCP connections so far, in order. */
  readonly connections: Socket[];
  /** All completed TLS connections so far, in order. */
  readonly encrypted: TLSSocket[];
  /** Resolves when all connections that were made before this call have been accepted and all of them have gone. */
  untilGone(): Promise<void>;
}

/** The 101 that a request asks for, with more headers where given. */
export function switchingTo(request: string, ...more: string[]): string {
  const key = /^Sec-WebSocket-Key: (.*)$/m.exec(request)?.[1]?.trim() ?? '';
  const lines = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${acceptDigestOf(key)}`];
  return ['HTTP/1.1 101 Switching Protocols', ...lines, ...more, '', ''].join('\r\n');
}

export async function startRawUpstream(
  test: TestCleanup,
  options: RawUpstreamOptions = {},
): Promise<RawUpstream> {
  const seen = { requests: [] as string[], connections: [] as Socket[], encrypted: [] as TLSSocket[] };
  const tls = options.tls ? createTlsServer({ ...TEST_CERTIFICATE, ...options.tls }) : undefined;
  const read = (socket: Socket): void => readRequest(socket, seen.requests, options.onRequest);
  // A peer that does not go through with the handshake is the test's own.
  tls
    ?.on('tlsClientError', () => undefined)
    .on('secureConnection', (socket) => {
      seen.encrypted.push(socket);
      read(socket);
    });
  const server = createServer((socket) => {
    seen.connections.push(socket);
    socket.on('error', () => undefined);
    test.onTestFinished(() => socket.destroy());
    if (options.onConnection?.(socket) === false) return;
    if (tls) tls.emit('connection', socket);
    else read(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.onTestFinished(() => server.close());
  const { port } = server.address() as AddressInfo;
  const url = `${tls ? 'wss' : 'ws'}://localhost:${port}/v1?a=1`;
  return { port, url, ...seen, untilGone: () => untilGone(server, seen.connections) };
}

function readRequest(
  socket: Socket,
  requests: string[],
  onRequest: RawUpstreamOptions['onRequest'] = (from, request) => from.write(switchingTo(request)),
): void {
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    const isWhole = text.endsWith('\r\n\r\n');
    text += chunk.toString('latin1');
    if (isWhole || !text.endsWith('\r\n\r\n')) return;
    requests.push(text);
    onRequest(socket, text);
  });
}

/** A later connection is accepted after the earlier ones. */
async function untilGone(server: Server, connections: Socket[]): Promise<void> {
  const marker = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await Promise.all([once(server, 'connection'), once(marker, 'connect')]);
  while (!connections.some((socket) => socket.remotePort === marker.localPort))
    await once(server, 'connection');
  marker.destroy();
  await Promise.all(
    connections.filter((socket) => !socket.closed).map((socket) => once(socket.resume(), 'close')),
  );
}
