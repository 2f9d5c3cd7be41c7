/** A plain `ws` client of the agent dialect, as any program may have it: it keeps what it receives and corrects nothing. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { RunningHash } from '../local/running-hash.ts';

type Message = Readonly<Record<string, unknown>>;

const DEADLINE_MS = 20_000;

export class AgentClient {
  /** Every frame, in order: a string, or bytes. */
  readonly frames: (string | Buffer)[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (payload: Buffer, isBinary) =>
      this.frames.push(isBinary ? payload : payload.toString()),
    );
  }

  /** Rejects when the upgrade is refused. */
  static async open(url: string): Promise<AgentClient> {
    const socket = new WebSocket(url);
    const client = new AgentClient(socket);
    await once(socket, 'open');
    return client;
  }

  send(message: Message): void {
    this.#socket.send(JSON.stringify(message));
  }

  messages(type: string): Message[] {
    const texts = this.frames.filter((frame) => typeof frame === 'string');
    return texts.map((text) => JSON.parse(text) as Message).filter((message) => message['type'] === type);
  }

  /** Resolves when a message of this type has come; rejects at a deadline, and when the connection ends first. */
  async message(type: string): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const closed = once(this.#socket, 'close', { signal }).then(([code]) => {
      throw new Error(`closed with ${String(code)} before ${type}`);
    });
    closed.catch(() => undefined);
    while (this.messages(type).length === 0)
      await Promise.race([once(this.#socket, 'message', { signal }), closed]);
  }

  /** All bytes that came in binary frames. */
  audio(): { bytes: number; fnv1a: string } {
    const hash = new RunningHash();
    for (const frame of this.frames) if (typeof frame !== 'string') hash.add(frame);
    return { bytes: hash.bytes, fnv1a: hash.fnv1a };
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}
