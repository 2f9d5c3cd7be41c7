/**
 * Holds back a message until all of it is there, so that a connection lost in its middle leaves nothing half sent. A
 * message longer than the limit goes on as it comes.
 */
import { GatheredBytes } from '../gathered-bytes.ts';

export class MessageHold {
  readonly #maxBytes: number;
  readonly #held = new GatheredBytes();
  #isStreaming = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** True when the message that has begun could not be held: part of it has gone on. */
  get isStreaming(): boolean {
    return this.#isStreaming;
  }

  /**
   * Takes the next bytes, of whose end `openBytes` belong to a message that is not complete; passes on what may go. True when they are not
   * needed any more; `pass` returns the same of what it is given.
   */
  take(bytes: Buffer, openBytes: number, pass: (bytes: Buffer) => boolean): boolean {
    if (bytes.length === 0) return true;
    const tail = Math.min(openBytes, bytes.length);
    if (tail === bytes.length) return this.#isStreaming ? pass(bytes) : this.#keep(bytes, pass);
    this.#isStreaming = false;
    this.release(pass);
    if (tail === 0) return pass(bytes);
    const isDone = pass(bytes.subarray(0, bytes.length - tail));
    return this.#keep(bytes.subarray(bytes.length - tail), pass) && isDone;
  }

  #keep(bytes: Buffer, pass: (bytes: Buffer) => boolean): boolean {
    const isCopied = this.#held.add(bytes);
    if (this.#held.length > this.#maxBytes) {
      this.#isStreaming = true;
      this.release(pass);
    }
    return isCopied;
  }

  /** Passes on what is held: the message is complete, or nothing more will come. */
  release(pass: (bytes: Buffer) => boolean): void {
    if (this.#held.length === 0) return;
    for (const bytes of this.#held.take()) pass(bytes);
  }

  /** Forgets what is held: its sender will send it again. */
  drop(): void {
    this.#isStreaming = false;
    this.forget();
  }

  /** Lets go of what is held; whether part of its message has gone on is not forgotten. */
  forget(): void {
    this.#held.take();
  }
}
