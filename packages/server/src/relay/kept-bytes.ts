/**
 * Bytes in order, each run with its place in the stream that they come from: appended at the end, dropped from the front.
 * Small ones are copied together, so that neither their own memory nor an object for each of them is kept.
 */
import type { DataKind } from '../leg/leg.ts';
import type { Slabs } from './slabs.ts';

interface Run {
  readonly bytes: Buffer;
  readonly kind: DataKind;
  /** The place of its first byte. */
  readonly start: number;
  /** The place behind its last. */
  end: number;
  /** Whether its memory is a slab, which nobody else may refer to. */
  readonly isSlab: boolean;
}

export class KeptBytes {
  readonly #slabs: Slabs;
  #runs: Run[] = [];

  constructor(slabs: Slabs) {
    this.#slabs = slabs;
  }

  /** Appends bytes of frames. True when they were copied, so that their memory may be written over; long ones are not. */
  append(bytes: Buffer, start: number): boolean {
    if (bytes.length >= this.#slabs.bytes) {
      this.appendWhole(bytes, 'wire', start, start + bytes.length);
      return false;
    }
    const last = this.#runs.at(-1);
    const copied = last?.isSlab ? bytes.copy(last.bytes, last.end - last.start) : 0;
    if (last) last.end += copied;
    if (copied < bytes.length) this.#appendSlab(bytes, copied, start + copied);
    return true;
  }

  /** Appends one run as it is, in whose place there may be more room than it has bytes. */
  appendWhole(bytes: Buffer, kind: DataKind, start: number, end: number): void {
    this.#fitLast();
    this.#runs.push({ bytes, kind, start, end, isSlab: false });
  }

  /** Lets go of the runs that end at this place or before it. */
  dropBefore(place: number): void {
    let done = 0;
    for (const run of this.#runs) {
      if (run.end > place) break;
      if (run.isSlab) this.#slabs.giveBack(run.bytes);
      done += 1;
    }
    if (done > 0) this.#runs.splice(0, done);
  }

  /** Hands out what stands from this place on; the memory is the receiver's. */
  from(place: number, pass: (bytes: Buffer, kind: DataKind) => void): void {
    for (const { bytes, kind, start, end, isSlab } of this.#runs) {
      if (end <= place) continue;
      const part = bytes.subarray(Math.max(0, place - start), end - start);
      pass(isSlab ? Buffer.from(part) : part, kind);
    }
  }

  /** Nothing more goes into a slab that something else stands behind: its bytes move to as much memory as they need. */
  #fitLast(): void {
    const last = this.#runs.at(-1);
    if (!last?.isSlab) return;
    const length = last.end - last.start;
    if (length > this.#slabs.bytes / 2) return;
    const bytes = Buffer.allocUnsafeSlow(length);
    last.bytes.copy(bytes, 0, 0, length);
    this.#slabs.giveBack(last.bytes);
    this.#runs[this.#runs.length - 1] = { ...last, bytes, isSlab: false };
  }

  #appendSlab(bytes: Buffer, from: number, start: number): void {
    const slab = this.#slabs.take();
    const copied = bytes.copy(slab, 0, from);
    this.#runs.push({ bytes: slab, kind: 'wire', start, end: start + copied, isSlab: true });
  }
}
