/**
 * Walks the frames of one direction (RFC 6455 5.2) over any chunking, without copying, unmasking or allocating for each
 * frame: counts, checks legality and caps, and knows where frames begin. What becomes of the bytes is its sink's concern.
 */
import type { LegFault } from '../leg/leg.ts';
import * as header from './frame-header.ts';

/** Takes what a scanner finds, in order. Nothing of an illegal frame, and nothing after one, is passed. */
export interface ScanSink {
  /** Bytes of data frames, to be forwarded as they are. The scanner never writes to them again. */
  onData(bytes: Buffer): void;
  /** One whole control frame: `frame` as it came, `payload` unmasked. */
  onControl(opcode: number, payload: Buffer, frame: Buffer): void;
  /** While true, `onBoundary` is called wherever a frame of our own may stand. */
  readonly wantsBoundary: boolean;
  onBoundary(): void;
}

export interface ScanRules {
  /** Whether frames of this direction are masked: a client's must be, a server's must not (RFC 6455 5.1). */
  readonly isMasked: boolean;
  /** Longest message, the sum of its fragments, in bytes. */
  readonly maxMessageBytes: number;
}

/** The longest header, and a masked control frame with the longest payload. */
const MAX_HEADER_BYTES = 14;
const SCRATCH_BYTES = Math.max(MAX_HEADER_BYTES, 6 + header.MAX_CONTROL_PAYLOAD);

export class FrameScanner {
  /** Messages completed. */
  messages = 0;
  /** Payload bytes of data frames, counted when their header is seen. */
  payloadBytes = 0;
  readonly #rules: ScanRules;
  /** The first bytes of a unit that is still incomplete; made when first needed. */
  #scratch: Buffer | undefined;
  #held = 0;
  /** Payload bytes of the current data frame still to come. */
  #left = 0;
  #isFinal = true;
  #isInMessage = false;
  #messageBytes = 0;
  #fault: LegFault | undefined;
  #isClosed = false;

  constructor(rules: ScanRules) {
    this.#rules = rules;
  }

  /** True when all that was passed ends with a whole frame: a control frame of our own may follow. */
  get isAtBoundary(): boolean {
    return this.#left === 0;
  }

  /** True when all that was passed ends with a whole message: a text frame of our own may follow. */
  get isBetweenMessages(): boolean {
    return this.#left === 0 && !this.#isInMessage;
  }

  /**
   * Scans the next bytes of the direction. A fault is final, and so is a close frame: what follows either is dropped
   * (RFC 6455 5.5.1).
   */
  scan(chunk: Buffer, sink: ScanSink): LegFault | undefined {
    if (this.#fault || this.#isClosed) return this.#fault;
    let at = this.#held > 0 ? this.#finishHeld(chunk, sink) : 0;
    let run = at;
    while (at < chunk.length && !this.#fault && !this.#isClosed) {
      if (this.#left > 0) {
        at = this.#skipPayload(at, chunk.length);
      } else {
        const size = this.#unitSize(chunk, at, chunk.length);
        if (size === 0 || at + size > chunk.length) break;
        if (header.isControlByte(chunk[at] as number)) {
          pass(chunk, run, at, sink);
          run = at + size;
          this.#tellControl(chunk.subarray(at, run), sink);
        } else if (!this.#enterFrame(chunk, at)) {
          break;
        }
        at += size;
      }
      if (this.#left === 0 && sink.wantsBoundary) {
        pass(chunk, run, at, sink);
        run = at;
        if (!this.#fault) sink.onBoundary();
      }
    }
    pass(chunk, run, at, sink);
    if (!this.#fault && !this.#isClosed && at < chunk.length) this.#hold(chunk, at);
    return this.#fault;
  }

  /** Bytes that are judged as one: a data frame's header, or a whole control frame; 0 while that cannot be told. */
  #unitSize(bytes: Buffer, at: number, end: number): number {
    const size = header.headerSize(bytes, at, end);
    if (size === 0 || !header.isControlByte(bytes[at] as number)) return size;
    const length = (bytes[at + 1] as number) & 0x7f;
    // An illegal length is told by the header alone.
    return length > header.MAX_CONTROL_PAYLOAD ? size : size + length;
  }

  #skipPayload(at: number, end: number): number {
    const taken = Math.min(this.#left, end - at);
    this.#left -= taken;
    if (this.#left === 0) this.#endFrame();
    return at + taken;
  }

  #endFrame(): void {
    if (!this.#isFinal) return;
    this.messages += 1;
    this.#messageBytes = 0;
    this.#isInMessage = false;
  }

  /** Judges a data frame by its whole header and begins it; false when it is a fault. */
  #enterFrame(bytes: Buffer, at: number): boolean {
    const first = bytes[at] as number;
    const isContinuation = header.opcodeOf(first) === header.OPCODE_CONTINUATION;
    const length = header.payloadLength(bytes, at);
    this.#fault = header.headerFault(bytes, at, this.#rules.isMasked);
    if (isContinuation !== this.#isInMessage) this.#fault ??= 'ProtocolError';
    if (this.#messageBytes + length > this.#rules.maxMessageBytes) this.#fault ??= 'TooLarge';
    if (this.#fault) return false;
    this.#messageBytes += length;
    this.payloadBytes += length;
    this.#isInMessage = true;
    this.#isFinal = header.isFinalByte(first);
    this.#left = length;
    if (length === 0) this.#endFrame();
    return true;
  }

  #tellControl(frame: Buffer, sink: ScanSink): void {
    this.#fault = header.headerFault(frame, 0, this.#rules.isMasked);
    if (this.#fault) return;
    const opcode = header.opcodeOf(frame[0] as number);
    const payload = header.controlPayload(frame, this.#rules.isMasked);
    if (opcode === header.OPCODE_CLOSE) this.#fault = header.closeFault(payload);
    if (this.#fault) return;
    this.#isClosed = opcode === header.OPCODE_CLOSE;
    sink.onControl(opcode, payload, frame);
  }

  #hold(chunk: Buffer, at: number): void {
    this.#scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    this.#held = chunk.copy(this.#scratch, 0, at);
  }

  /** Completes a held unit with the chunk's first bytes; returns where the chunk goes on. */
  #finishHeld(chunk: Buffer, sink: ScanSink): number {
    const scratch = this.#scratch as Buffer;
    let at = 0;
    while (at < chunk.length) {
      scratch[this.#held] = chunk[at] as number;
      this.#held += 1;
      at += 1;
      if (this.#unitSize(scratch, 0, this.#held) !== this.#held) continue;
      // A copy: the scratch is filled again while the sink's writes are still under way.
      const unit = Buffer.from(scratch.subarray(0, this.#held));
      this.#held = 0;
      this.#tellHeld(unit, sink);
      return at;
    }
    return at;
  }

  #tellHeld(unit: Buffer, sink: ScanSink): void {
    if (header.isControlByte(unit[0] as number)) this.#tellControl(unit, sink);
    else if (this.#enterFrame(unit, 0)) sink.onData(unit);
    if (!this.#fault && this.#left === 0 && sink.wantsBoundary) sink.onBoundary();
  }
}

function pass(chunk: Buffer, from: number, to: number, sink: ScanSink): void {
  if (from >= to) return;
  sink.onData(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
}
