/**
 * Holds back a message until all of it is there, so that a connection lost in its middle leaves nothing half sent. A
 * message longer than the limit goes on as it comes.
 */

export class MessageHold {
  readonly #maxBytes: number;
  readonly #held: Buffer[] = [];
  #heldBytes = 0;
  #isStreaming = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** True when the message that has begun could not be held: part of it has gone on. */
  get isStreaming(): boolean {
    return this.#isStreaming;
  }

  /** Takes the next bytes, of whose end `openBytes` belong to a message that is not complete; passes on what may go. */
  take(bytes: Buffer, openBytes: number, pass: (bytes: Buffer) => void): void {
    const tail = Math.min(openBytes, bytes.length);
    if (tail < bytes.length) this.#isStreaming = false;
    if (tail < bytes.length) {
      this.release(pass);
      pass(tail === 0 ? bytes : bytes.subarray(0, bytes.length - tail));
    }
    if (tail === 0) return;
    if (this.#isStreaming) {
      pass(bytes);
      return;
    }
    this.#held.push(bytes.subarray(bytes.length - tail));
    this.#heldBytes += tail;
    if (this.#heldBytes <= this.#maxBytes) return;
    this.#isStreaming = true;
    this.release(pass);
  }

  /** Passes on what is held: the message is complete, or nothing more will come. */
  release(pass: (bytes: Buffer) => void): void {
    for (const bytes of this.#held) pass(bytes);
    this.forget();
  }

  /** Forgets what is held: its sender will send it again. */
  drop(): void {
    this.#isStreaming = false;
    this.forget();
  }

  /** Lets go of what is held; whether part of its message has gone on is not forgotten. */
  forget(): void {
    this.#held.length = 0;
    this.#heldBytes = 0;
  }
}
