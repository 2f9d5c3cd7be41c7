/** The HTTP or HTTPS server of a proxy that runs alone. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { createDevCertificate } from './dev-certificate.ts';
import { refuseHostless, refuseMalformed } from './malformed.ts';
import type { Handle } from './router.ts';

export interface ListenOptions {
  /** Default 0: any free port. */
  port?: number | undefined;
  /** Address to bind. Default 127.0.0.1: this machine only. */
  host?: string | undefined;
  /** PEM texts; with them the server speaks https and wss. */
  tls?: { cert: string; key: string } | undefined;
  /**
   * Speaks https and wss with a self-signed certificate for `localhost`, `127.0.0.1` and `host`, made at each start, for SDKs that
   * refuse `ws:`. Browsers ask once whether to trust it. Only without `tls`; anybody in between could show another. Default false.
   */
  devTls?: boolean | undefined;
}

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** Such as http://127.0.0.1:8080. */
  readonly url: string;
  /** The self-signed certificate of `devTls`, PEM, for clients that can be told to trust one. */
  readonly certificate?: string | undefined;
  close(): Promise<void>;
}

/** Slow or half-sent request heads are dropped (slowloris); Node's own limit is a minute. */
const HEADERS_TIMEOUT_MS = 10_000;

/** Rejects with Node's error when the address is taken or not allowed. */
export async function openListener(
  options: ListenOptions,
  handle: Handle,
  clock: Pick<Clock, 'now'>,
): Promise<Listening> {
  const host = options.host ?? '127.0.0.1';
  const own = options.devTls && !options.tls ? createDevCertificate(clock.now(), namesFor(host)) : undefined;
  const tls = options.tls ?? own;
  const server = makeServer(tls, (request, response) => {
    if (!refuseHostless(request, response)) handle(request, response);
  });
  refuseMalformed(server);
  const silent = tls ? trackSilent(server) : () => [];
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port ?? 0, host, backlog: 4096 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    server,
    port,
    url: `${tls ? 'https' : 'http'}://${shownHost}:${port}`,
    certificate: own?.cert,
    close: () => closeServer(server, silent()),
  };
}

/** What pages call this machine. An address to bind may be none to ask for. */
function namesFor(host: string): string[] {
  const isName = /^[A-Za-z0-9.-]{1,253}$/.test(host) && host !== '0.0.0.0';
  return [...new Set(['localhost', '127.0.0.1', ...(isName ? [host] : [])])];
}

type OnRequest = (request: IncomingMessage, response: ServerResponse) => void;

function makeServer(tls: ListenOptions['tls'], onRequest: OnRequest): Server {
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: 2_000,
    // Node would answer without a body; ours says why.
    requireHostHeader: false,
  };
  return tls
    ? createTlsServer({ ...limits, ...tls, handshakeTimeout: HEADERS_TIMEOUT_MS }, onRequest)
    : createServer(limits, onRequest);
}

/** Sockets that have not begun their TLS handshake, which closeAllConnections() does not know. */
function trackSilent(server: Server): () => Socket[] {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => [...sockets].filter((socket) => socket.bytesWritten === 0);
}

/** Upgraded sockets belong to the session or the refusal that holds them, which lets go of them in time. */
function closeServer(server: Server, silent: readonly Socket[]): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    for (const socket of silent) socket.destroy();
  });
}
