/** The agent's way out: JSON and audio onto one socket, counted and hashed, with the faults that end it. Decides nothing of what is said. */
import type { WebSocket } from 'ws';
import type { Faults, FaultyEnd } from './faults.ts';
import type { RunningHash } from './running-hash.ts';

export interface OutletParts {
  faults: Faults;
  secret: string;
  /** Takes all audio handed to the socket, in order. */
  sent: RunningHash;
}

export class AgentOutlet {
  readonly #socket: WebSocket;
  readonly #parts: OutletParts;
  #bytesOfAnswer = 0;

  constructor(socket: WebSocket, parts: OutletParts) {
    this.#socket = socket;
    this.#parts = parts;
  }

  json(message: { type: string } & Record<string, unknown>): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** A fatal error: tells it and ends the connection without a status, as the vendor was seen to do. */
  fail(code: string, description: string): void {
    this.json({ type: 'Error', code, description });
    this.#socket.close();
  }

  beginAnswer(): void {
    this.#bytesOfAnswer = 0;
  }

  /** Resolves when the socket has taken the bytes. Rejects when it is gone, also when a fault has just ended it. */
  async audio(bytes: Uint8Array): Promise<void> {
    const fault = this.#parts.faults.midAnswer;
    const room = fault ? Math.max(0, fault.afterBytes - this.#bytesOfAnswer) : Infinity;
    if (room > 0) await this.#send(bytes.subarray(0, room));
    if (!fault || this.#bytesOfAnswer < fault.afterBytes) return;
    this.#parts.faults.midAnswer = undefined;
    this.end(fault.end);
    throw new Error('a fault ended the connection');
  }

  end(how: FaultyEnd): void {
    if (how === 'destroy') this.#socket.terminate();
    else this.#socket.close(how.code, how.reason.replace('{secret}', this.#parts.secret));
  }

  #send(bytes: Uint8Array): Promise<void> {
    this.#bytesOfAnswer += bytes.length;
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== this.#socket.OPEN) return reject(new Error('the socket is closed'));
      this.#parts.sent.add(bytes);
      this.#socket.send(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
}
