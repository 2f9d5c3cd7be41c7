/**
 * WebSocket frames as bytes (RFC 6455 5.2), legal and illegal ones, in both directions. Judges nothing and joins no
 * fragments: that is left to message-reader.ts.
 */
import { randomBytes } from 'node:crypto';

/** RFC 6455 5.2, opcode. */
export const OPCODES = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** One frame as it stood on the wire, its payload unmasked. */
export interface WireFrame {
  readonly fin: boolean;
  /** The three reserved bits as a number from 0 to 7. */
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** What to encode. Nothing is checked: a test may ask for frames that no library would send. */
export interface FrameShape {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  /** Default true. */
  readonly fin?: boolean;
  /** The three reserved bits as a number from 0 to 7. Default 0. */
  readonly rsv?: number;
  /** True masks with a random key, as clients must; a Buffer of four bytes is the key. Default false. */
  readonly mask?: boolean | Buffer;
  /** The length to announce. Default the payload's own; another one makes the frame a lie. */
  readonly announcedBytes?: number;
}

const toBuffer = (payload: Buffer | string): Buffer =>
  typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload;

/** The bytes of one frame. */
export function encodeFrame(shape: FrameShape): Buffer {
  const payload = toBuffer(shape.payload ?? '');
  const header = encodeLength(shape.announcedBytes ?? payload.length);
  header[0] = ((shape.fin ?? true) ? 0x80 : 0) | ((shape.rsv ?? 0) << 4) | shape.opcode;
  const key = shape.mask === true ? randomBytes(4) : shape.mask || undefined;
  if (!key) return Buffer.concat([header, payload]);
  header[1] = (header[1] ?? 0) | 0x80;
  return Buffer.concat([header, key, applyMask(payload, key)]);
}

function encodeLength(bytes: number): Buffer {
  if (bytes < 126) return Buffer.from([0, bytes]);
  if (bytes < 0x10000) {
    const header = Buffer.from([0, 126, 0, 0]);
    header.writeUInt16BE(bytes, 2);
    return header;
  }
  const header = Buffer.alloc(10);
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(bytes), 2);
  return header;
}

function applyMask(payload: Buffer, key: Buffer): Buffer {
  const masked = Buffer.allocUnsafe(payload.length);
  for (let index = 0; index < payload.length; index++) {
    masked[index] = (payload[index] ?? 0) ^ (key[index & 3] ?? 0);
  }
  return masked;
}

/** The payload of a close frame: nothing, or the code and the reason's bytes, whatever they are (RFC 6455 5.5.1). */
export function encodeClose(code?: number, reason: Buffer | string = ''): Buffer {
  if (code === undefined) return Buffer.alloc(0);
  return Buffer.concat([Buffer.from([(code >> 8) & 0xff, code & 0xff]), toBuffer(reason)]);
}

/** Where the parts of a frame lie, once its header is complete. */
interface FrameBounds {
  readonly start: number;
  readonly end: number;
  readonly key: Buffer | undefined;
}

/** Cuts a stream of bytes into frames, wherever its chunks begin and end. */
export class FrameReader {
  readonly #onFrame: (frame: WireFrame) => void;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #needed = 2;

  constructor(onFrame: (frame: WireFrame) => void) {
    this.#onFrame = onFrame;
  }

  /** Bytes that came in and are not yet a whole frame. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Joining only when the frame is whole keeps a large message linear in its size.
    if (this.#bytes < this.#needed) return;
    let rest = Buffer.concat(this.#chunks);
    for (let bounds = this.#boundsOf(rest); bounds; bounds = this.#boundsOf(rest)) {
      const frame = frameOf(rest, bounds);
      rest = rest.subarray(bounds.end);
      this.#onFrame(frame);
    }
    this.#chunks = [rest];
    this.#bytes = rest.length;
  }

  /** Undefined while the frame is incomplete; then `#needed` is set to what it takes to look again. */
  #boundsOf(bytes: Buffer): FrameBounds | undefined {
    this.#needed = 2;
    if (bytes.length < this.#needed) return undefined;
    const second = bytes[1] ?? 0;
    const short = second & 0x7f;
    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
    const start = 2 + lengthBytes + (second & 0x80 ? 4 : 0);
    this.#needed = start;
    if (bytes.length < start) return undefined;
    const long = lengthBytes === 8 ? Number(bytes.readBigUInt64BE(2)) : 0;
    const length = lengthBytes === 0 ? short : lengthBytes === 2 ? bytes.readUInt16BE(2) : long;
    this.#needed = start + length;
    if (bytes.length < this.#needed) return undefined;
    return { start, end: this.#needed, key: second & 0x80 ? bytes.subarray(start - 4, start) : undefined };
  }
}

function frameOf(bytes: Buffer, { start, end, key }: FrameBounds): WireFrame {
  const first = bytes[0] ?? 0;
  const payload = bytes.subarray(start, end);
  return {
    fin: (first & 0x80) !== 0,
    rsv: (first >> 4) & 0x7,
    opcode: first & 0xf,
    masked: key !== undefined,
    // A copy: a slice would keep everything that came with it in memory.
    payload: key ? applyMask(payload, key) : Buffer.from(payload),
  };
}
