/** A leg of either making over a real connection, a `ws` peer at its other end, and all that either was told, in order. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../../src/clock.ts';
import { acceptDigestOf } from '../../src/leg/accept-digest.ts';
import { LegSocket } from '../../src/leg/leg-socket.ts';
import type { Leg, LegClose, ListenOptions } from '../../src/leg/leg.ts';
import { createRawLeg } from '../../src/leg/raw-leg.ts';
import { createWsLeg } from '../../src/leg/ws-leg.ts';
import { createConnector } from '../../src/upstream/connector.ts';
import { createOpenUpstream } from '../../src/upstream/open-upstream.ts';
import { Changes } from '../../src/testing/changes.ts';
import type { TestCleanup } from './test-cleanup.ts';

export type Making = 'raw' | 'ws';
export type Role = 'client' | 'upstream';

const MAX_MESSAGE_BYTES = 1_000_000;
const LISTENING: ListenOptions = { opens: 'none', maxOpenedBytes: 100, countsMessages: false };

export class LegRig {
  readonly leg: Leg;
  readonly peer: WebSocket;
  /** What the leg told, such as `text:hello`, `ping:x`, `close:4000 why`, `gone`. Bytes of frames are in `wire`. */
  readonly told: string[] = [];
  readonly wire: Buffer[] = [];
  /** Pings as they stood on the wire, in the memory that the leg handed over. */
  readonly pings: Buffer[] = [];
  readonly closes: LegClose[] = [];
  /** What the peer got, in the same words. */
  readonly got: string[] = [];
  /** Whether the leg may go on behind an opened text. */
  goesOn = true;
  drains = 0;
  readonly #changes = new Changes();

  constructor(leg: Leg, peer: WebSocket) {
    this.leg = leg;
    this.peer = peer;
    const note = (word: string): void => this.#note(this.got, word);
    peer.on('message', (payload: Buffer, isBinary) => note(`${isBinary ? 'binary' : 'text'}:${payload}`));
    peer.on('ping', (payload) => note(`ping:${payload}`));
    peer.on('pong', (payload) => note(`pong:${payload}`));
    peer.on('close', (code, reason) => note(`close:${code} ${reason}`.trim()));
    peer.on('error', (error) => note(`error:${error.message}`));
  }

  listen(options: Partial<ListenOptions> = {}): this {
    const note = (word: string): void => this.#note(this.told, word);
    this.leg.listen(
      {
        onData: (bytes, kind) => {
          if (kind === 'wire') this.wire.push(bytes);
          note(kind === 'wire' ? 'wire' : `${kind}:${bytes}`);
          return false;
        },
        onMessageEnd: (offset) => note(`message end:${offset}`),
        onText: (payload) => {
          note(`opened:${payload}`);
          return this.goesOn;
        },
        onPing: (payload, frame) => {
          if (frame) this.pings.push(frame);
          note(`ping:${payload}`);
        },
        onPong: (payload) => note(`pong:${payload}`),
        onBoundary: () => note('boundary'),
        onDrain: () => {
          this.drains += 1;
          this.#changes.notify();
        },
        onClose: (close) => {
          this.closes.push(close);
          note(`close:${close.fault ?? `${close.code} ${close.reason}`.trim()}`);
        },
        onGone: () => note('gone'),
      },
      { ...LISTENING, ...options },
    );
    return this;
  }

  /** Something that a test waits for by `until` may have become true. */
  changed(): void {
    this.#changes.notify();
  }

  #note(list: string[], word: string): void {
    list.push(word);
    this.#changes.notify();
  }

  /** Resolves when the leg has told this, or something that begins with it. */
  hasTold(word: string): Promise<unknown> {
    return this.#has(() => this.told, word);
  }

  /** Resolves when the peer has got this. */
  hasGot(word: string): Promise<unknown> {
    return this.#has(() => this.got, word);
  }

  async #has(list: () => string[], word: string): Promise<void> {
    const probe = (): true | undefined => list().some((one) => one.startsWith(word)) || undefined;
    await this.#changes.wait({ probe, what: () => `${word} in ${JSON.stringify(list().slice(-5))}` });
  }

  until(isSo: () => boolean, what: string): Promise<unknown> {
    return this.#changes.wait({ probe: () => isSo() || undefined, what: () => what });
  }

  /** The peer's socket, to write bytes that `ws` would not. */
  get peerSocket(): Socket {
    return Reflect.get(this.peer, '_socket') as Socket;
  }

  /** Payloads of messages that the leg told of, whatever they were handed over as. */
  get payloads(): string {
    return [...this.told.filter((word) => /^(text|binary):/.test(word)), ...this.wire].join('|');
  }

  /** A round trip from the peer: all that it sent before has come. */
  async roundTrip(): Promise<void> {
    this.peer.ping('marker');
    await this.hasTold('ping:marker');
  }

  /** A round trip from the leg: all that it sent before has come. */
  async roundTripBack(): Promise<void> {
    this.leg.ping(Buffer.from('marker'));
    await this.hasGot('ping:marker');
  }
}

/** Opens a connection; the leg is not listened to. `greet` is what the peer does as soon as it can. */
export function openLeg(
  test: TestCleanup,
  making: Making,
  role: Role,
  greet?: (peer: WebSocket) => void,
): Promise<LegRig> {
  return role === 'client' ? openClientLeg(test, making, greet) : openUpstreamLeg(test, making, greet);
}

/** A round trip on another connection: whatever was sent before it on this machine has arrived after it. */
export async function otherTraffic(test: TestCleanup): Promise<void> {
  const other = await openLeg(test, 'raw', 'client');
  await other.listen().roundTrip();
}

async function openClientLeg(
  test: TestCleanup,
  making: Making,
  greet?: (peer: WebSocket) => void,
): Promise<LegRig> {
  const server = await serve(test);
  const accepted = new Promise<Leg>((resolve) => {
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (making === 'raw') resolve(acceptRaw(request, socket, head));
      else acceptWs(request, socket, head, resolve);
    });
  });
  const peer = new WebSocket(`ws://127.0.0.1:${portOf(server)}`);
  test.onTestFinished(() => peer.terminate());
  peer.on('open', () => greet?.(peer));
  const [leg] = await Promise.all([accepted, once(peer, 'open')]);
  return new LegRig(leg, peer);
}

function acceptRaw(request: IncomingMessage, socket: Socket, head: Buffer): Leg {
  const digest = acceptDigestOf(request.headers['sec-websocket-key'] as string);
  const lines = ['101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write(`HTTP/1.1 ${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${digest}\r\n\r\n`);
  return createRawLeg({ socket, head, role: 'client', maxMessageBytes: MAX_MESSAGE_BYTES });
}

function acceptWs(request: IncomingMessage, socket: Socket, head: Buffer, take: (leg: Leg) => void): void {
  const options = { noServer: true, autoPong: false, maxPayload: MAX_MESSAGE_BYTES, WebSocket: LegSocket };
  new WebSocketServer(options).handleUpgrade(request, socket, head, (made) =>
    take(createWsLeg(made as LegSocket)),
  );
}

async function openUpstreamLeg(
  test: TestCleanup,
  making: Making,
  greet?: (peer: WebSocket) => void,
): Promise<LegRig> {
  const server = await serve(test);
  const peers = new WebSocketServer({ server });
  const met = once(peers, 'connection').then(([peer]: WebSocket[]) => {
    test.onTestFinished(() => peer?.terminate());
    greet?.(peer as WebSocket);
    return peer as WebSocket;
  });
  const leg = making === 'raw' ? dialRaw(portOf(server)) : dialWs(portOf(server));
  const [opened, peer] = await Promise.all([leg, met]);
  test.onTestFinished(() => opened.terminate());
  return new LegRig(opened, peer);
}

async function dialRaw(port: number): Promise<Leg> {
  const connector = createConnector({ allowPrivateAddresses: false });
  const handshake = { url: `ws://127.0.0.1:${port}/`, subprotocols: [], headers: {} };
  const limits = { timeoutMs: 5_000, signal: new AbortController().signal };
  const opened = await createOpenUpstream(systemClock, connector)(handshake, limits);
  return createRawLeg({ ...opened, role: 'upstream', maxMessageBytes: MAX_MESSAGE_BYTES });
}

function dialWs(port: number): Promise<Leg> {
  const options = { perMessageDeflate: false, autoPong: false, maxPayload: MAX_MESSAGE_BYTES };
  const socket = new LegSocket(`ws://127.0.0.1:${port}`, options);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('open', () => resolve(createWsLeg(socket)));
  });
}

async function serve(test: TestCleanup): Promise<Server> {
  const server = createServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  test.onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
