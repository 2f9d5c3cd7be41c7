/** Starts the local upstreams: one HTTP server on which the agent and the listen dialect are served with real speech. Reads no environment and prints nothing. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { serveAgent } from './deepgram-agent.ts';
import { serveListen } from './deepgram-listen.ts';
import type { Faults } from './faults.ts';
import { createFlite } from './flite.ts';
import type { Flite } from './flite.ts';
import { readListenParameters } from './listen-parameters.ts';
import { findRecogniser } from './recognise.ts';
import type { Recogniser } from './recognise.ts';
import { RunningHash } from './running-hash.ts';
import { bearsSecret, bodyOf, FAULTY_REFUSALS, refuseUpgrade, WRONG_SECRET } from './upstream-gate.ts';
import type { HttpRefusal } from './upstream-gate.ts';

export interface LocalUpstreamOptions {
  /** What clients must prove to know. */
  secret: string;
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  /** Default 0: a free port. */
  port?: number;
  /** Multiple of real time at which speech is sent, at most 300 ms ahead of it. Default 1.25; Infinity for no pace at all. */
  sayRate?: number;
  /** Whether PocketSphinx is used where it is installed. Default true. */
  useRecogniser?: boolean;
  /** What the agent takes for the present. Default the system's clock. */
  now?: () => Date;
  /** Milliseconds without a message after which an agent session ends with CLIENT_MESSAGE_TIMEOUT. Default 12 000. */
  agentSilenceMs?: number;
  /** Milliseconds without audio or KeepAlive after which a listen stream is closed. Default 10 000. */
  listenSilenceMs?: number;
}

export interface SentAudio {
  bytes: number;
  /** FNV-1a, 32 bits, over all audio handed to the socket in order; eight hexadecimal digits. */
  fnv1a: string;
}

export interface LocalUpstreams {
  agentUrl: string;
  listenUrl: string;
  hasRecogniser: boolean;
  /** Sockets open now. */
  sessions(): number;
  /** The audio of each agent session, the oldest first; the last 100 sessions are kept. */
  sent(): SentAudio[];
  /** To be changed at any time. */
  faults: Faults;
  /** Ends all sessions at once, every process and thread, and removes their files. */
  close(): Promise<void>;
}

const AGENT_PATH = '/v1/agent/converse';
const LISTEN_PATH = '/v1/listen';
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_SENT_KEPT = 100;

/** Rejects when the address cannot be listened on. */
export async function startLocalUpstreams(options: LocalUpstreamOptions): Promise<LocalUpstreams> {
  const recogniser = options.useRecogniser === false ? undefined : await findRecogniser();
  const upstreams = new UpstreamServer(options, createFlite(), recogniser);
  const address = await upstreams.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  return {
    agentUrl: `ws://${address}${AGENT_PATH}`,
    listenUrl: `ws://${address}${LISTEN_PATH}`,
    hasRecogniser: recogniser !== undefined,
    sessions: () => upstreams.sessions,
    sent: () => upstreams.sent.map(({ bytes, fnv1a }) => ({ bytes, fnv1a })),
    faults: upstreams.faults,
    close: () => upstreams.close(),
  };
}

class UpstreamServer {
  readonly faults: Faults = {};
  readonly sent: RunningHash[] = [];
  readonly #options: LocalUpstreamOptions;
  readonly #flite: Flite;
  readonly #recogniser: Recogniser | undefined;
  readonly #http: Server = createServer((_, response) => {
    const { requestId, body } = bodyOf(NO_UPGRADE);
    response.writeHead(NO_UPGRADE.status, { 'content-type': 'application/json', 'dg-request-id': requestId });
    response.end(body);
  });
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('token') ? 'token' : false),
  });
  readonly #waiting = new Set<NodeJS.Timeout>();

  constructor(options: LocalUpstreamOptions, flite: Flite, recogniser: Recogniser | undefined) {
    this.#options = options;
    this.#flite = flite;
    this.#recogniser = recogniser;
    this.#http.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
  }

  get sessions(): number {
    return this.#sockets.clients.size;
  }

  listen(port: number, host: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, host, () => {
        const { address, family, port: actual } = this.#http.address() as AddressInfo;
        resolve(family === 'IPv6' ? `[${address}]:${actual}` : `${address}:${actual}`);
      });
    });
  }

  async close(): Promise<void> {
    for (const timer of this.#waiting) clearTimeout(timer);
    for (const socket of this.#sockets.clients) socket.terminate();
    await new Promise((resolve) => {
      this.#http.close(resolve);
      this.#http.closeAllConnections();
    });
    await Promise.all([this.#flite.close(), this.#recogniser?.close()]);
  }
}
