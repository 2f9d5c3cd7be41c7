/**
 * A client's socket between its upgrade request and our answer. It is read all the while, because only reading shows
 * that the client has left; what it sends early is kept, within a budget, for the WebSocket.
 */
import type { Duplex } from 'node:stream';
import { GatheredBytes } from '../gathered-bytes.ts';
import { Stop, type StopSignal } from '../stop-signal.ts';

export interface HeldSocket {
  readonly socket: Duplex;
  /** Aborts when the client has gone, has sent more than the budget, or is abandoned. */
  readonly signal: StopSignal;
  readonly isOverBudget: boolean;
  /** Ends what is being done for this client, so that it can be told. */
  abandon(): void;
  /** Stops holding; returns the early bytes. The socket's errors stay handled. */
  release(): Buffer;
}

/** Holds an upgrade's socket. `head` is what came in the same packet as the request. */
export function holdSocket(socket: Duplex, head: Buffer, maxEarlyBytes: number): HeldSocket {
  return new Held(socket, head, maxEarlyBytes);
}

const ignoreError = (): void => undefined;

class Held implements HeldSocket {
  readonly socket: Duplex;
  readonly signal = new Stop();
  isOverBudget = false;
  readonly #maxEarlyBytes: number;
  readonly #early = new GatheredBytes();

  constructor(socket: Duplex, head: Buffer, maxEarlyBytes: number) {
    this.socket = socket;
    this.#maxEarlyBytes = maxEarlyBytes;
    // Without this a reset during an asynchronous check would end the process.
    socket.on('error', ignoreError);
    socket.on('close', this.abandon);
    socket.on('end', this.abandon);
    socket.on('data', this.#onBytes);
    this.#onBytes(head);
  }

  readonly abandon = (): void => this.signal.abort();

  release(): Buffer {
    this.socket.off('data', this.#onBytes);
    this.socket.off('close', this.abandon);
    this.socket.off('end', this.abandon);
    this.socket.pause();
    return Buffer.concat(this.#early.take());
  }

  readonly #onBytes = (chunk: Buffer): void => {
    this.#early.add(chunk);
    if (this.#early.length <= this.#maxEarlyBytes) return;
    this.isOverBudget = true;
    this.socket.pause();
    this.abandon();
  };
}
