/** Puts together the payload of a text message that is opened, fragment by fragment and chunk by chunk, without its mask. */
import { isUtf8 } from 'node:buffer';
import { applyMask } from './frame-header.ts';

const FIRST_BYTES = 1_024;
const EMPTY = Buffer.alloc(0);

/** Bytes `from` to `to` of a chunk. */
export interface PayloadPart {
  readonly from: number;
  readonly to: number;
  /** The frame's key; undefined when it is not masked. */
  readonly key: Buffer | undefined;
  /** Where in the frame's payload the first byte stands. */
  readonly position: number;
}

export class TextAssembler {
  #bytes = EMPTY;
  #length = 0;

  add(chunk: Buffer, { from, to, key, position }: PayloadPart): void {
    const start = this.#length;
    const end = start + to - from;
    if (end > this.#bytes.length) this.#grow(end);
    chunk.copy(this.#bytes, start, from, to);
    this.#length = end;
    if (key) applyMask(this.#bytes.subarray(start, end), key, position);
  }

  /** The whole message, and room for the next; undefined when it is not UTF-8 (RFC 6455 8.1). */
  take(): Buffer | undefined {
    const payload = this.#bytes.subarray(0, this.#length);
    this.#bytes = EMPTY;
    this.#length = 0;
    return isUtf8(payload) ? payload : undefined;
  }

  #grow(atLeast: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(atLeast, FIRST_BYTES, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
