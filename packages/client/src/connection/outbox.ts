/** Frames held while the connection is not open, in order and within a budget; knows no socket. */

export type Frame = string | ArrayBuffer | ArrayBufferView;

export interface OutboxBudget {
  readonly maxBytes: number;
  readonly maxFrames: number;
}

type HeldFrame = string | ArrayBuffer;

/** Flushed frames stay until `forget`, so that `restore` can take them back from a server that refused the connection. */
export class Outbox {
  readonly #budget: OutboxBudget;
  #held: HeldFrame[] = [];
  #heldBytes = 0;
  #flushed: HeldFrame[] = [];
  #flushedBytes = 0;

  constructor(budget: OutboxBudget) {
    this.#budget = budget;
  }

  /** Bytes that wait to be sent; text counts as UTF-8. */
  get bytes(): number {
    return this.#heldBytes;
  }

  /** Takes a copy, so that the caller may reuse its buffer; false when the budget does not allow it. */
  add(frame: Frame): boolean {
    const bytes = bytesOf(frame);
    const { maxBytes, maxFrames } = this.#budget;
    if (this.#held.length + this.#flushed.length >= maxFrames) return false;
    if (this.#heldBytes + this.#flushedBytes + bytes > maxBytes) return false;
    this.#held.push(copyOf(frame));
    this.#heldBytes += bytes;
    return true;
  }

  flush(send: (frame: HeldFrame) => void): void {
    this.#flushed = this.#held;
    this.#flushedBytes = this.#heldBytes;
    this.#held = [];
    this.#heldBytes = 0;
    for (const frame of this.#flushed) send(frame);
  }

  /** The flushed frames have arrived, or nobody can know. */
  forget(): void {
    this.#flushed = [];
    this.#flushedBytes = 0;
  }

  /** The flushed frames were not taken: they come first again. */
  restore(): void {
    this.#held.unshift(...this.#flushed);
    this.#heldBytes += this.#flushedBytes;
    this.forget();
  }

  clear(): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.forget();
  }
}

function bytesOf(frame: Frame): number {
  return typeof frame === 'string' ? new TextEncoder().encode(frame).length : frame.byteLength;
}

function copyOf(frame: Frame): HeldFrame {
  if (typeof frame === 'string') return frame;
  if (!ArrayBuffer.isView(frame)) return frame.slice(0);
  return new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength).slice().buffer;
}
