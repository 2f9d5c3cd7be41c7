/**
 * Walks the frames of one direction (RFC 6455 5.2) over any chunking, without copying, unmasking or allocating for each
 * frame: counts, checks legality and caps, knows where frames begin, and opens the text messages that it is told to open.
 * What becomes of the bytes is its sink's concern.
 */
import type { FrameKind, LegFault, Opening, Received } from '../leg/leg.ts';
import { CONTROL_BYTE } from '../contract/index.ts';
import * as header from './frame-header.ts';
import { TextAssembler } from './text-assembler.ts';

/** Takes what a scanner finds, in order. Nothing of an illegal frame, and nothing after one, is passed. */
export interface ScanSink {
  /** Bytes of data frames, to be forwarded as they are. The scanner never writes to them again. */
  onData(bytes: Buffer): void;
  /** Before the data in which a message ends: how many bytes into that data. Only where the rules ask for it. */
  onMessageEnd(offset: number): void;
  /** One opened text message, whole and unmasked; false stops the scan behind it. */
  onText(payload: Buffer): boolean;
  /** One whole control frame: its payload unmasked, and `frame` as it came. */
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
  /** Longest text message that is opened, in bytes. */
  readonly maxOpenedBytes: number;
  /** Most fragments of one message: each costs its receiver memory. */
  readonly maxFragments: number;
  readonly opens: Opening;
  readonly countsMessages: boolean;
  /** A kind of message that this direction may not send. */
  readonly refuses?: FrameKind | undefined;
}

/** The longest header, one byte of its payload, and a masked control frame with the longest payload. */
const MAX_HEADER_BYTES = 14;
const SCRATCH_BYTES = Math.max(MAX_HEADER_BYTES + 1, 6 + header.MAX_CONTROL_PAYLOAD);

export class FrameScanner implements Received {
  messages = 0;
  bytes = 0;
  readonly #rules: ScanRules;
  /** In the chunk that is being scanned: the bytes before `run` are dealt with, those up to `at` are to be passed. */
  #run = 0;
  #at = 0;
  /** The first bytes of a unit that is still incomplete; made when first needed. */
  #scratch: Buffer | undefined;
  #held = 0;
  #isHalted = false;
  #fault: LegFault | undefined;
  #isClosed = false;
  /** The current frame: payload bytes in all and still to come, and whether it is its message's last. */
  #frameBytes = 0;
  #left = 0;
  #isFinal = true;
  /** The current message: payload announced so far, bytes on the wire, fragments, and whether it is opened. */
  #isInMessage = false;
  #messageBytes = 0;
  #wireBytes = 0;
  #fragments = 0;
  #isOpened = false;
  /** Made for the first message that is opened. */
  #opened: TextAssembler | undefined;
  #key: Buffer | undefined;

  constructor(rules: ScanRules) {
    this.#rules = rules;
  }

  /** True when all that was passed ends with a whole frame: a control frame of our own may follow. */
  get isAtBoundary(): boolean {
    return this.#left === 0 || this.#isOpened;
  }

  /** True when all that was passed ends with a whole message: a text frame of our own may follow. */
  get isBetweenMessages(): boolean {
    return !this.#isInMessage || this.#isOpened;
  }

  /** Bytes passed of the message that has begun and not ended. */
  get openBytes(): number {
    return this.isBetweenMessages ? 0 : this.#wireBytes - this.#left;
  }

  get unfinishedBytes(): number {
    return this.#isInMessage ? this.#messageBytes - this.#left : 0;
  }

  /** True while a message has begun and not ended, also one that is opened. */
  get isInMessage(): boolean {
    return this.#isInMessage;
  }

  /**
   * Scans the next bytes of the direction and returns those that are left over, where the sink stopped at an opened message:
   * they are to be scanned next. A fault is final, and so is a close frame: what follows either is dropped (RFC 6455 5.5.1).
   */
  scan(chunk: Buffer, sink: ScanSink): Buffer | undefined {
    this.#isHalted = false;
    if (this.#isStopped) return undefined;
    this.#begin(this.#held > 0 ? this.#finishHeld(chunk, sink) : 0);
    while (this.#at < chunk.length && !this.#isStopped) {
      if (this.#left > 0) this.#takePayload(chunk, sink);
      else if (!this.#takeUnit(chunk, sink)) break;
    }
    this.#flush(chunk, sink);
    return this.#at < chunk.length ? this.#leave(chunk.subarray(this.#at)) : undefined;
  }

  /** What could not be scanned: given back, held for the rest of its unit, or dropped. */
  #leave(rest: Buffer): Buffer | undefined {
    if (this.#isHalted) return rest;
    if (!this.#isStopped) this.#hold(rest);
    return undefined;
  }

  /** What the peer did wrong, once it has. */
  get fault(): LegFault | undefined {
    return this.#fault;
  }

  get #isStopped(): boolean {
    return this.#fault !== undefined || this.#isClosed || this.#isHalted;
  }

  #begin(at: number): void {
    this.#run = at;
    this.#at = at;
  }

  /** Passes what is to be passed and has not been. */
  #flush(chunk: Buffer, sink: ScanSink): void {
    if (this.#run < this.#at)
      sink.onData(this.#run === 0 && this.#at === chunk.length ? chunk : chunk.subarray(this.#run, this.#at));
    this.#run = this.#at;
  }

  #takePayload(chunk: Buffer, sink: ScanSink): void {
    const from = this.#at;
    const taken = Math.min(this.#left, chunk.length - from);
    this.#at += taken;
    this.bytes += taken;
    if (this.#isOpened) this.#open(chunk, from, this.#frameBytes - this.#left);
    this.#left -= taken;
    if (this.#left === 0) this.#endFrame(chunk, sink);
  }

  /** Takes a data frame's header, or a whole control frame; false while it is incomplete. */
  #takeUnit(chunk: Buffer, sink: ScanSink): boolean {
    const size = this.#unitSize(chunk, this.#at, chunk.length);
    if (size === 0 || this.#at + size > chunk.length) return false;
    if (header.isControlByte(chunk[this.#at] as number)) this.#takeControl(chunk, size, sink);
    else this.#enterFrame(chunk, size, sink);
    return true;
  }

  /** Bytes that are judged as one; 0 while that cannot be told. */
  #unitSize(bytes: Buffer, at: number, end: number): number {
    const size = header.headerSize(bytes, at, end);
    if (size === 0) return 0;
    const first = bytes[at] as number;
    const length = (bytes[at + 1] as number) & 0x7f;
    // The first byte of a text tells whether it is a control frame of session mode.
    if (!header.isControlByte(first)) return size + (length > 0 && this.#mustPeek(first) ? 1 : 0);
    // Whether it is legal is told by the header alone; the rest of an illegal one is not waited for.
    return header.headerFault(bytes, at, this.#rules.isMasked) ? size : size + length;
  }

  #mustPeek(first: number): boolean {
    return this.#rules.opens === 'control' && header.opcodeOf(first) === header.OPCODE_TEXT;
  }

  #takeControl(chunk: Buffer, size: number, sink: ScanSink): void {
    this.#flush(chunk, sink);
    const frame = chunk.subarray(this.#at, this.#at + size);
    this.#fault = header.headerFault(frame, 0, this.#rules.isMasked);
    if (this.#fault) return;
    const opcode = header.opcodeOf(frame[0] as number);
    const payload = header.controlPayload(frame, this.#rules.isMasked);
    if (opcode === header.OPCODE_CLOSE) this.#fault = header.closeFault(payload);
    if (this.#fault) return;
    this.#at += size;
    this.#run = this.#at;
    this.#isClosed = opcode === header.OPCODE_CLOSE;
    sink.onControl(opcode, payload, frame);
    this.#tellBoundary(chunk, sink);
  }

  /** Judges a data frame by its whole header and begins it. */
  #enterFrame(chunk: Buffer, size: number, sink: ScanSink): void {
    const at = this.#at;
    const first = chunk[at] as number;
    const length = header.payloadLength(chunk, at);
    const headerBytes = header.headerSize(chunk, at, chunk.length);
    const isContinuation = header.opcodeOf(first) === header.OPCODE_CONTINUATION;
    if (!this.#isInMessage) this.#isOpened = this.#willOpen(chunk, headerBytes, size);
    this.#fault = header.headerFault(chunk, at, this.#rules.isMasked);
    if (isContinuation !== this.#isInMessage) this.#fault ??= 'ProtocolError';
    this.#fault ??= this.#limitFault(first, length);
    if (this.#fault) return;
    this.#beginFrame(first, length, isContinuation, headerBytes);
    if (this.#isOpened) this.#flush(chunk, sink);
    this.#at += size;
    this.bytes += size - headerBytes;
    this.#left = length - (size - headerBytes);
    if (this.#isOpened) {
      this.#key = this.#rules.isMasked ? chunk.subarray(at + headerBytes - 4, at + headerBytes) : undefined;
      this.#open(chunk, at + headerBytes, 0);
    }
    if (this.#left === 0) this.#endFrame(chunk, sink);
  }

  #beginFrame(first: number, length: number, isContinuation: boolean, headerBytes: number): void {
    this.#messageBytes = (isContinuation ? this.#messageBytes : 0) + length;
    this.#wireBytes = (isContinuation ? this.#wireBytes : 0) + headerBytes + length;
    this.#fragments = isContinuation ? this.#fragments + 1 : 1;
    this.#frameBytes = length;
    this.#isInMessage = true;
    this.#isFinal = header.isFinalByte(first);
  }

  /** Whether the message that begins here is one to open. */
  #willOpen(chunk: Buffer, headerBytes: number, size: number): boolean {
    const at = this.#at;
    const { opens, isMasked } = this.#rules;
    if (opens === 'none' || header.opcodeOf(chunk[at] as number) !== header.OPCODE_TEXT) return false;
    if (opens === 'text') return true;
    if (size === headerBytes) return false;
    const key = isMasked ? (chunk[at + headerBytes - 4] as number) : 0;
    return ((chunk[at + headerBytes] as number) ^ key) === CONTROL_BYTE;
  }

  #limitFault(first: number, length: number): LegFault | undefined {
    const { maxMessageBytes, maxOpenedBytes, maxFragments, refuses, opens } = this.#rules;
    const before = this.#isInMessage ? this.#messageBytes : 0;
    const most = this.#isOpened ? Math.min(maxOpenedBytes, maxMessageBytes) : maxMessageBytes;
    if (before + length > most) return 'TooLarge';
    if (this.#isInMessage) return this.#fragments >= maxFragments ? 'PolicyViolation' : undefined;
    const kind = header.opcodeOf(first) === header.OPCODE_TEXT ? 'text' : 'binary';
    return kind === refuses && !(this.#isOpened && opens === 'control') ? 'KindDenied' : undefined;
  }

  /** Takes what was scanned from `from` on as payload of the opened message; `position` is its place in the frame. */
  #open(chunk: Buffer, from: number, position: number): void {
    this.#opened ??= new TextAssembler();
    if (from < this.#at) this.#opened.add(chunk, { from, to: this.#at, key: this.#key, position });
    this.#run = this.#at;
  }

  #endFrame(chunk: Buffer, sink: ScanSink): void {
    if (this.#isFinal) this.#endMessage(sink);
    if (!this.#fault) this.#tellBoundary(chunk, sink);
  }

  #endMessage(sink: ScanSink): void {
    this.messages += 1;
    this.#isInMessage = false;
    if (!this.#isOpened) {
      if (this.#rules.countsMessages) sink.onMessageEnd(this.#at - this.#run);
      return;
    }
    const payload = this.#opened?.take();
    if (payload) this.#isHalted = !sink.onText(payload);
    else this.#fault = 'BadPayload';
  }

  #tellBoundary(chunk: Buffer, sink: ScanSink): void {
    if (!sink.wantsBoundary) return;
    this.#flush(chunk, sink);
    sink.onBoundary();
  }

  /** Keeps the beginning of a unit until the rest of it comes. */
  #hold(rest: Buffer): void {
    this.#scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    this.#held = rest.copy(this.#scratch);
  }

  /** Completes a held unit with the chunk's first bytes and takes it; returns where the chunk goes on. */
  #finishHeld(chunk: Buffer, sink: ScanSink): number {
    const scratch = this.#scratch as Buffer;
    for (let at = 0; at < chunk.length;) {
      scratch[this.#held] = chunk[at] as number;
      this.#held += 1;
      at += 1;
      if (this.#unitSize(scratch, 0, this.#held) !== this.#held) continue;
      // A copy: the scratch is filled again while the sink's writes are still under way.
      const unit = Buffer.from(scratch.subarray(0, this.#held));
      this.#begin(0);
      this.#held = 0;
      this.#takeUnit(unit, sink);
      this.#flush(unit, sink);
      return at;
    }
    return chunk.length;
  }
}
