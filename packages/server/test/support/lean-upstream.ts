/**
 * An upstream for endurance tests: takes upgrades over TCP or TLS and hands each to the test as a WirePeer. Unlike the
 * mock upstreams it keeps nothing, judges no handshake and plays no scenario.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { acceptBytes, answerBytes } from '../../src/testing/http-answers.ts';
import { headerValues, readUpgradeRequest, type UpgradeRequest } from '../../src/testing/upgrade-request.ts';
import type { TestCleanup } from './test-cleanup.ts';
import { takeHead } from './wire-head.ts';
import { type ReadingPace, WirePeer } from './wire-peer.ts';

/** What becomes of an upgrade: it is opened, refused, or never answered. */
export type UpstreamAnswer = 'open' | 'refuse' | 'hold';

export interface LeanUpstreamOptions {
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  readonly paceOf?: ((request: UpgradeRequest) => ReadingPace | undefined) | undefined;
  readonly answerOf?: (request: UpgradeRequest) => UpstreamAnswer;
  /** Called before anything of the session is read. */
  readonly onOpen: (peer: WirePeer, request: UpgradeRequest) => void;
}

export interface LeanUpstream {
  readonly url: string;
  /** Connections that are open now. */
  readonly connections: number;
  /** Upgrades so far. */
  readonly dials: number;
}

const HEAD_MS = 10_000;

export async function startLeanUpstream(
  test: TestCleanup,
  options: LeanUpstreamOptions,
): Promise<LeanUpstream> {
  const sockets = new Set<Socket>();
  let dials = 0;
  const onSocket = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    takeHead(socket, HEAD_MS).then(
      (head) => {
        dials += 1;
        answer(socket, readUpgradeRequest(head), options);
      },
      () => socket.destroy(),
    );
  };
  const { tls } = options;
  const server = tls
    ? createTlsServer({ ...tls, allowHalfOpen: true }, onSocket)
    : createServer({ allowHalfOpen: true }, onSocket);
  test.onTestFinished(() => stop(server, sockets));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}/v1/listen`,
    get connections() {
      return sockets.size;
    },
    get dials() {
      return dials;
    },
  };
}

function answer(socket: Socket, request: UpgradeRequest, options: LeanUpstreamOptions): void {
  const verdict = options.answerOf?.(request) ?? 'open';
  if (verdict === 'hold') {
    socket.resume();
    socket.on('end', () => socket.end());
  } else if (verdict === 'refuse') {
    socket.end(answerBytes({ status: 503, headers: [], body: '' }));
    socket.resume();
  } else {
    const [key = ''] = headerValues(request.headers, 'sec-websocket-key');
    socket.write(acceptBytes(key, request.subprotocols[0]));
    options.onOpen(new WirePeer(socket, { isClient: false, pace: options.paceOf?.(request) }), request);
  }
}

async function stop(server: Server, sockets: Set<Socket>): Promise<void> {
  server.close();
  for (const socket of sockets) socket.destroy();
  await once(server, 'close');
}
