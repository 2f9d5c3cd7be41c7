/** The HTTP server under the local upstreams: admits or refuses upgrades, hands each socket to its dialect, undoes everything at its close. */
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { serveAgent } from './deepgram-agent.ts';
import { serveListen } from './deepgram-listen.ts';
import type { Faults } from './faults.ts';
import type { Flite } from './flite.ts';
import { readListenParameters } from './listen-parameters.ts';
import type { Recogniser } from './recognise.ts';
import { RunningHash } from './running-hash.ts';
import { answerPlainHttp, bearsSecret, refuseUpgrade, REFUSALS } from './upstream-gate.ts';
import type { HttpRefusal } from './upstream-gate.ts';

export interface UpstreamServerParts {
  secret: string;
  sayRate: number;
  now: () => Date;
  agentSilenceMs: number;
  listenSilenceMs: number;
  /** Closed with the server, as is the recogniser. */
  flite: Flite;
  recogniser: Recogniser | undefined;
}

export const AGENT_PATH = '/v1/agent/converse';
export const LISTEN_PATH = '/v1/listen';

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_SENT_KEPT = 100;

type Serve = (socket: WebSocket) => void;

export class UpstreamServer {
  readonly faults: Faults = {};
  /** Of each agent session, the oldest first. */
  readonly sent: RunningHash[] = [];
  readonly #parts: UpstreamServerParts;
  readonly #http = createServer((_, response) => answerPlainHttp(response));
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('token') ? 'token' : false),
  });
  /** Upgrades that are not answered yet. */
  readonly #held = new Set<Duplex>();

  constructor(parts: UpstreamServerParts) {
    this.#parts = parts;
    this.#http.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
  }

  get sessions(): number {
    return this.#sockets.clients.size;
  }

  /** Resolves to host:port; rejects when the address cannot be listened on. */
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
    for (const socket of this.#held) socket.destroy();
    for (const socket of this.#sockets.clients) socket.terminate();
    await new Promise((resolve) => this.#sockets.close(resolve));
    await new Promise((resolve) => {
      this.#http.close(resolve);
      this.#http.closeAllConnections();
    });
    await Promise.all([this.#parts.flite.close(), this.#parts.recogniser?.close()]);
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const delayMs = this.faults.openDelayMs ?? 0;
    if (delayMs === 0) return this.#answer(request, socket, head);
    const timer = setTimeout(() => {
      this.#held.delete(socket);
      socket.off('end', leave).off('close', leave);
      this.#answer(request, socket, head);
    }, delayMs);
    const leave = (): void => {
      clearTimeout(timer);
      this.#held.delete(socket);
      socket.destroy();
    };
    this.#held.add(socket);
    // A client that leaves is noticed only while somebody reads.
    socket.on('end', leave).on('close', leave).resume();
  }

  #answer(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const serve = this.#routeOf(request);
    if (typeof serve !== 'function') return refuseUpgrade(socket, serve);
    this.#sockets.handleUpgrade(request, socket, head, serve);
  }

  #routeOf(request: IncomingMessage): Serve | HttpRefusal {
    const url = URL.canParse(request.url ?? '', 'ws://local') && new URL(request.url ?? '', 'ws://local');
    const { refuse } = this.faults;
    if (refuse) return REFUSALS[refuse];
    if (!url || (url.pathname !== AGENT_PATH && url.pathname !== LISTEN_PATH)) return REFUSALS[404];
    if (!bearsSecret(request, this.#parts.secret)) return REFUSALS[401];
    if (url.pathname === AGENT_PATH) return (socket) => this.#serveAgent(socket);
    const parameters = readListenParameters(url.searchParams);
    if (typeof parameters === 'string') return { ...REFUSALS[400], message: parameters };
    const { recogniser, listenSilenceMs: clientSilenceMs } = this.#parts;
    return (socket) => serveListen(socket, { parameters, recogniser, clientSilenceMs });
  }

  #serveAgent(socket: WebSocket): void {
    const sent = new RunningHash();
    this.sent.push(sent);
    if (this.sent.length > MAX_SENT_KEPT) this.sent.shift();
    const { agentSilenceMs: clientSilenceMs, ...parts } = this.#parts;
    serveAgent(socket, { ...parts, faults: this.faults, sent, clientSilenceMs });
  }
}
