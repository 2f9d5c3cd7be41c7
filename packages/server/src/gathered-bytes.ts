/**
 * Bytes in order that wait for whoever takes them. Small pieces are copied together: a peer that sends byte by byte would otherwise have an
 * object, and the memory that was read into, kept for each of them.
 */

/** Room for what comes in small pieces. A longer piece is kept as it is. */
const BLOCK_BYTES = 4_096;

export class GatheredBytes {
  readonly #pieces: Buffer[] = [];
  /** The last piece while there is room in its memory, and how much of that is used. */
  #block: Buffer | undefined;
  #used = 0;
  #length = 0;

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /** True when the bytes were copied, so that their memory may be written over. */
  add(bytes: Buffer): boolean {
    this.#length += bytes.length;
    if (bytes.length >= BLOCK_BYTES) {
      this.#endBlock();
      this.#pieces.push(bytes);
      return false;
    }
    for (let from = 0; from < bytes.length;) from += this.#copy(bytes, from);
    return true;
  }

  /** All that waits, in order; nothing does then. The memory is the receiver's. */
  take(): Buffer[] {
    this.#endBlock();
    this.#length = 0;
    return this.#pieces.splice(0);
  }

  /** Returns how much had room. */
  #copy(bytes: Buffer, from: number): number {
    this.#block ??= Buffer.allocUnsafeSlow(BLOCK_BYTES);
    const copied = bytes.copy(this.#block, this.#used, from);
    this.#used += copied;
    if (this.#used === BLOCK_BYTES) this.#endBlock();
    return copied;
  }

  #endBlock(): void {
    if (this.#block) this.#pieces.push(this.#block.subarray(0, this.#used));
    this.#block = undefined;
    this.#used = 0;
  }
}
