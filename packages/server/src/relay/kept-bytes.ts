/**
 * Bytes in order, each run with its place in the stream that they come from: appended at the end, dropped from the front.
 * Small ones are copied together, so that neither their own memory nor an object for each of them is kept.
 */
import type { DataKind } from '../leg/leg.ts';

interface Run {
  readonly bytes: Buffer;
  readonly kind: DataKind;
  /** The place of its first byte. */
  readonly start: number;
  /** The place behind its last. */
  end: number;
}

/** Bytes of frames are copied into pieces of this size; a chunk as long as that is kept as it is. */
const SLAB_BYTES = 8_192;

export class KeptBytes {
  #runs: Run[] = [];

  /** Appends bytes of frames. True when they were copied, so that their memory may be written over. */
  append(bytes: Buffer, start: number): boolean {
    if (bytes.length >= SLAB_BYTES) {
      this.appendWhole(bytes, 'wire', start, start + bytes.length);
      return false;
    }
    const last = this.#runs.at(-1);
    const copied = last?.kind === 'wire' ? bytes.copy(last.bytes, last.end - last.start) : 0;
    if (last) last.end += copied;
    if (copied < bytes.length) this.#appendSlab(bytes, copied, start + copied);
    return true;
  }

  /** Appends one run as it is, in whose place there may be more room than it has bytes. */
  appendWhole(bytes: Buffer, kind: DataKind, start: number, end: number): void {
    this.#runs.push({ bytes, kind, start, end });
  }

  /** Lets go of the runs that end at this place or before it. */
  dropBefore(place: number): void {
    const done = this.#runs.findIndex(({ end }) => end > place);
    if (done !== 0) this.#runs.splice(0, done < 0 ? this.#runs.length : done);
  }

  /** Hands out what stands from this place on. */
  from(place: number, pass: (bytes: Buffer, kind: DataKind) => void): void {
    for (const { bytes, kind, start, end } of this.#runs)
      if (end > place) pass(bytes.subarray(Math.max(0, place - start), end - start), kind);
  }

  clear(): void {
    this.#runs = [];
  }

  #appendSlab(bytes: Buffer, from: number, start: number): void {
    const slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    const copied = bytes.copy(slab, 0, from);
    this.#runs.push({ bytes: slab, kind: 'wire', start, end: start + copied });
  }
}
