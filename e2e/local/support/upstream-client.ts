/** A client for tests of the local upstreams: keeps what came, in order, and waits for more with a deadline. Corrects nothing that it reads. */
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { sendPaced } from '../paced-audio.ts';
import type { Recording } from '../pcm16.ts';

export type Message = { type: string } & Record<string, any>;

const DEADLINE_MS = 8000;

export class UpstreamClient {
  /** JSON messages as they came, and the audio between them. */
  readonly received: (Message | Buffer)[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  #read = 0;
  #onMore: () => void = () => {};

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      this.received.push(isBinary ? data : JSON.parse(String(data)));
      this.#onMore();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    void this.closed.then(() => this.#onMore());
  }

  get subprotocol(): string {
    return this.#socket.protocol;
  }

  get types(): string[] {
    return this.received.map((item) => (Buffer.isBuffer(item) ? 'audio' : item.type));
  }

  get audio(): Buffer {
    return Buffer.concat(this.received.filter((item) => Buffer.isBuffer(item)));
  }

  /** The next message of `type` ('audio' for binary) after the one that was returned last. Rejects when the deadline passes or the socket closes first. */
  async next(type: string): Promise<Message> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    for (;;) {
      const at = this.types.indexOf(type, this.#read);
      if (at >= 0) {
        this.#read = at + 1;
        return this.received[at] as Message;
      }
      const mayCome = this.#socket.readyState === WebSocket.OPEN && !deadline.aborted;
      if (!mayCome) throw new Error(`no ${type} came; what came: ${summaryOf(this.received)}`);
      await this.#more(deadline);
    }
  }

  send(message: object | string): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  /** Speaks in frames of 20 ms at `speed` times real time; by default as fast as the socket takes them. */
  async speak({ samples, sampleRate }: Recording, speed = Infinity): Promise<void> {
    const send = (bytes: Uint8Array): Promise<void> =>
      new Promise((resolve, reject) =>
        this.#socket.send(bytes, (error) => (error ? reject(error) : resolve())),
      );
    const signal = AbortSignal.timeout(DEADLINE_MS);
    await sendPaced(samples, { sampleRate, rate: speed, chunkMs: 20, signal, send });
  }

  /** Resolves when the server has read all that was sent before. */
  async pong(): Promise<void> {
    this.#socket.ping();
    await once(this.#socket, 'pong');
  }

  leave(): void {
    this.#socket.terminate();
  }

  #more(deadline: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#onMore = resolve;
      deadline.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** Opens a client that is gone when the test is; rejects with `HTTP <status> <body>` when the upgrade is refused. */
export async function openClient(url: string, subprotocols: string[], headers = {}): Promise<UpstreamClient> {
  const socket = new WebSocket(url, subprotocols, { headers, perMessageDeflate: false });
  onTestFinished(() => socket.terminate());
  const client = new UpstreamClient(socket);
  socket.on('unexpected-response', async (_, response) => {
    const body = Buffer.concat(await response.toArray());
    socket.emit('error', new Error(`HTTP ${response.statusCode} ${body}`));
  });
  await once(socket, 'open');
  return client;
}

function summaryOf(received: readonly (Message | Buffer)[]): string {
  return (
    received.map((item) => (Buffer.isBuffer(item) ? 'audio' : JSON.stringify(item))).join(' ') || 'nothing'
  );
}
