/**
 * Reads frames off a stream without gathering them: of a binary frame only the stamp is looked at, other frames are kept
 * whole up to a limit. What a frame means is the caller's.
 */

const LONGEST_HEADER = 14;
const LONGEST_TEXT = 65_536;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const wordAt = (bytes, at) =>
  ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;

export class FrameReader {
  /** Of the frame that `onFrame` is called for. */
  first = 0;
  opcode = 0;
  size = 0;
  isMasked = false;
  session = 0;
  sequence = 0;
  time = 0;
  tail = 0;
  /** Payload of a frame that is not binary. */
  text = Buffer.alloc(0);

  #onFrame;
  #key = 0;
  #header = new Uint8Array(LONGEST_HEADER);
  #headerBytes = 0;
  #left = -1;
  #scratch = new Uint8Array(16);

  /** @param {(reader: FrameReader) => void} onFrame */
  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  /** Reads `chunk` from `at` to `end`. */
  take(chunk, at, end) {
    let next = at;
    while (next < end) {
      next = this.#left < 0 ? this.#takeHeader(chunk, next, end) : this.#takePayload(chunk, next, end);
      if (this.#left === 0) this.#finish();
    }
  }

  #takeHeader(chunk, at, end) {
    if (this.#headerBytes === 0 && end - at >= LONGEST_HEADER) return at + this.#parseHeader(chunk, at);
    let next = at;
    while (next < end) {
      this.#header[this.#headerBytes++] = chunk[next++];
      if (this.#headerBytes < 2 || this.#headerBytes < lengthOfHeader(this.#header, 0)) continue;
      this.#headerBytes = 0;
      this.#parseHeader(this.#header, 0);
      return next;
    }
    return next;
  }

  #parseHeader(bytes, at) {
    const length = lengthOfHeader(bytes, at);
    const short = bytes[at + 1] & 0x7f;
    this.first = bytes[at];
    this.opcode = bytes[at] & 0x0f;
    this.isMasked = bytes[at + 1] > 0x7f;
    if (short < 126) this.size = short;
    else if (short === 126) this.size = (bytes[at + 2] << 8) | bytes[at + 3];
    else this.size = wordAt(bytes, at + 2) * 2 ** 32 + wordAt(bytes, at + 6);
    this.#key = this.isMasked ? wordAt(bytes, at + length - 4) : 0;
    this.#left = this.size;
    if (this.opcode !== BINARY) this.text = Buffer.alloc(Math.min(this.size, LONGEST_TEXT));
    return length;
  }

  #takePayload(chunk, at, end) {
    const count = Math.min(this.#left, end - at);
    if (this.opcode !== BINARY) this.#keepText(chunk, at, count);
    else if (count === this.size && count >= 16) this.#readStamp(chunk, at, at + count - 4);
    else this.#keepStamp(chunk, at, count);
    this.#left -= count;
    return at + count;
  }

  #keepText(chunk, at, count) {
    const from = this.size - this.#left;
    const fits = Math.max(0, Math.min(count, this.text.length - from));
    this.text.set(chunk.subarray(at, at + fits), from);
  }

  /** The stamp of a frame that comes in several reads. */
  #keepStamp(chunk, at, count) {
    const from = this.size - this.#left;
    const tailFrom = Math.max(12, this.size - 4);
    for (let place = from; place < Math.min(12, from + count); place += 1)
      this.#scratch[place] = chunk[at + place - from];
    for (let place = Math.max(from, tailFrom); place < from + count; place += 1)
      this.#scratch[12 + place - tailFrom] = chunk[at + place - from];
    if (count === this.#left) this.#readStamp(this.#scratch, 0, 12);
  }

  #readStamp(bytes, at, tailAt) {
    const key = this.#key;
    this.session = (wordAt(bytes, at) ^ key) >>> 0;
    this.sequence = (wordAt(bytes, at + 4) ^ key) >>> 0;
    this.time = (wordAt(bytes, at + 8) ^ key) >>> 0;
    this.tail = (wordAt(bytes, tailAt) ^ key) >>> 0;
  }

  #finish() {
    this.#left = -1;
    if (this.opcode !== BINARY && this.isMasked) unmask(this.text, this.#key);
    this.#onFrame(this);
  }
}

function lengthOfHeader(bytes, at) {
  const short = bytes[at + 1] & 0x7f;
  return 2 + (short < 126 ? 0 : short === 126 ? 2 : 8) + (bytes[at + 1] > 0x7f ? 4 : 0);
}

function unmask(text, key) {
  for (let at = 0; at < text.length; at += 1) text[at] ^= (key >>> (24 - 8 * (at & 3))) & 0xff;
}
