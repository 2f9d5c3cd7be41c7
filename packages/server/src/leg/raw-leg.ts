/**
 * A leg over a bare socket whose handshake is done: hands over the bytes of its peer's frames as they came, and writes
 * those of the other leg as they are. Only control frames and opened text messages are looked into.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ABNORMAL_CLOSURE, MAX_FRAGMENTS, NO_STATUS } from '../contract/index.ts';
import { OPCODE_CLOSE, OPCODE_PING } from '../frames/frame-header.ts';
import { FrameScanner, type ScanSink } from '../frames/frame-scanner.ts';
import { binaryFrame, closeFrame, pingFrame, pongFrame, textFrame } from '../frames/frame-writer.ts';
import { createMaskKeys } from '../frames/mask-keys.ts';
import type { ReadBuffer } from './read-buffer.ts';
import type { DataKind, Leg, LegClose, LegListener, ListenOptions, Received } from './leg.ts';

export interface RawLegParts {
  readonly socket: Duplex;
  /** What came behind the handshake. */
  readonly head: Buffer;
  /** Whose socket it is. A client masks its frames and is not sent masked ones; an upstream the other way round. */
  readonly role: 'client' | 'upstream';
  /** Longest message of the peer, in bytes. */
  readonly maxMessageBytes: number;
  /** Set when the socket reads into it; otherwise it tells of `data`. */
  readonly reads?: ReadBuffer | undefined;
}

/** Takes the socket over. Pauses it at once, so that nothing is lost before `listen`. */
export function createRawLeg(parts: RawLegParts): Leg {
  return new RawLeg(parts);
}

/** A socket that takes more at once does not tell when it has emptied less: each write is asked. */
const LATE_DRAIN_BYTES = 65_536;
const nextKey = createMaskKeys();
const NOTHING: Received = { messages: 0, bytes: 0, unfinishedBytes: 0 };
const LOST: LegClose = { code: ABNORMAL_CLOSURE, reason: '' };

class RawLeg implements Leg, ScanSink {
  wantsBoundary = false;
  signs = 0;
  readonly keepsWritten: boolean;
  readonly #role: RawLegParts['role'];
  readonly #maxMessageBytes: number;
  readonly #reads: ReadBuffer | undefined;
  readonly #socket: Duplex;
  #listener: LegListener | undefined;
  #scanner: FrameScanner | undefined;
  /** Bytes that came and are not scanned yet: the head, and what is behind an opened message that is being judged. */
  #rest: Buffer | undefined;
  #isPaused = true;
  /** Waits for the judgement of an opened message: nothing behind it may be told before. */
  #isHalted = false;
  /** Whether somebody still needs memory of the chunk that is scanned. */
  #isLent = false;
  #hasSentClose = false;
  #hasPeerEnded = false;
  #close: LegClose | undefined;
  #isGone = false;
  #afterWrite: (() => void) | undefined;

  constructor(parts: RawLegParts) {
    this.#role = parts.role;
    this.#maxMessageBytes = parts.maxMessageBytes;
    this.#reads = parts.reads;
    this.#socket = parts.socket;
    this.keepsWritten = !(parts.socket instanceof Socket);
    if (parts.socket.writableHighWaterMark > LATE_DRAIN_BYTES) this.#afterWrite = this.#onWritten;
    this.#rest = parts.head.length > 0 ? parts.head : undefined;
    // It may have gone before it was handed over.
    this.#isGone = this.#socket.closed;
    this.#stop();
    // What the error says follows as the end of the connection.
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => this.#onGone());
  }

  listen(listener: LegListener, options: ListenOptions): void {
    this.#listener = listener;
    this.#scanner = new FrameScanner({
      isMasked: this.#role === 'client',
      maxMessageBytes: this.#maxMessageBytes,
      maxFragments: MAX_FRAGMENTS,
      ...options,
    });
    if (this.#isGone) {
      this.#onGone();
      return;
    }
    if (!this.#reads) this.#socket.on('data', this.#onRead);
    this.#socket.on('drain', () => listener.onDrain());
    this.#socket.on('end', () => this.#onPeerEnd());
    this.#hasPeerEnded = this.#socket.readableEnded;
    if (!options.startsPaused) this.resume();
  }

  readonly #onRead = (chunk: Buffer): boolean => {
    this.signs += chunk.length;
    this.#onBytes(chunk);
    return !this.#isLent;
  };

  forward(bytes: Buffer, kind: DataKind): void {
    if (this.#hasSentClose) return;
    if (kind === 'wire') this.#socket.write(bytes, this.#afterWrite);
    else this.#write(kind === 'text' ? textFrame(bytes, this.#key()) : binaryFrame(bytes, this.#key()));
  }

  send(text: string | Buffer): void {
    this.#write(textFrame(text, this.#key()));
  }

  ping(payload: Buffer): void {
    this.#write(pingFrame(payload, this.#key()));
  }

  pong(payload: Buffer): void {
    this.#write(pongFrame(payload, this.#key()));
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  get received(): Received {
    return this.#scanner ?? NOTHING;
  }

  get isAtBoundary(): boolean {
    return this.#scanner?.isAtBoundary ?? true;
  }

  get isBetweenMessages(): boolean {
    return this.#scanner?.isBetweenMessages ?? true;
  }

  get openBytes(): number {
    return this.#scanner?.openBytes ?? 0;
  }

  get isInMessage(): boolean {
    return this.#scanner?.isInMessage ?? false;
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#stop();
  }

  resume(): void {
    this.#isPaused = false;
    this.#isHalted = false;
    const rest = this.#takeRest();
    if (rest) this.#onBytes(rest);
    if (this.#isPaused) return;
    if (this.#hasPeerEnded) this.#tellPeerEnd();
    else this.#start();
  }

  #stop(): void {
    if (this.#reads) this.#reads.reader = undefined;
    else this.#socket.pause();
  }

  #start(): void {
    if (this.#reads) this.#reads.reader = this.#onRead;
    this.#socket.resume();
  }

  #takeRest(): Buffer | undefined {
    const rest = this.#rest;
    this.#rest = undefined;
    const late = this.#reads?.takeWaiting();
    if (!late || late.length === 0) return rest;
    return rest ? Buffer.concat([rest, late]) : late;
  }

  close(code?: number, reason?: string): void {
    if (this.#hasSentClose) return;
    this.#write(closeFrame(code, reason, this.#key()));
    this.#hasSentClose = true;
    if (this.#close) this.#finish();
    // A paused socket would never read the peer's answer.
    this.resume();
  }

  end(): void {
    this.#hasSentClose = true;
    this.#endSocket();
    this.resume();
  }

  terminate(): void {
    this.#socket.destroy();
  }

  onData(bytes: Buffer): void {
    if (this.#listener?.onData(bytes, 'wire') !== true) this.#isLent = true;
  }

  onMessageEnd(offset: number): void {
    this.#listener?.onMessageEnd(offset);
  }

  onText(payload: Buffer): boolean {
    const goesOn = this.#listener?.onText(payload) ?? true;
    if (goesOn) return true;
    this.pause();
    this.#isHalted = true;
    return false;
  }

  onControl(opcode: number, payload: Buffer, frame: Buffer): void {
    this.#isLent = true;
    if (opcode === OPCODE_CLOSE) this.#onCloseFrame(payload);
    else if (opcode === OPCODE_PING) this.#listener?.onPing(payload, frame);
    else this.#listener?.onPong(payload, frame);
  }

  onBoundary(): void {
    this.#listener?.onBoundary();
  }

  readonly #onWritten = (): void => {
    if (this.#socket.writableLength === 0) this.#listener?.onDrain();
  };

  #key(): Buffer | undefined {
    return this.#role === 'upstream' ? nextKey() : undefined;
  }

  #write(frame: Buffer): void {
    if (!this.#hasSentClose) this.#socket.write(frame, this.#afterWrite);
  }

  #onBytes(chunk: Buffer): void {
    if (!this.#scanner) return;
    this.#isLent = false;
    this.#rest = this.#scanner.scan(chunk, this);
    if (this.#rest) this.#isLent = true;
    const { fault } = this.#scanner;
    if (fault) this.#tellClose({ ...LOST, fault });
  }

  #onCloseFrame(payload: Buffer): void {
    const code = payload.length === 0 ? NO_STATUS : payload.readUInt16BE(0);
    this.#tellClose({ code, reason: payload.toString('utf8', 2) });
    if (this.#hasSentClose) this.#finish();
  }

  /** Both close frames are out: the server ends the connection first (RFC 6455 7.1.1). */
  #finish(): void {
    if (this.#role === 'client' || this.#hasPeerEnded) this.#endSocket();
  }

  /** Once: ending a stream that has ended makes an error, which costs as much as a session. */
  #endSocket(): void {
    if (!this.#socket.writableEnded) this.#socket.end();
  }

  #onPeerEnd(): void {
    this.#hasPeerEnded = true;
    // What came before comes first.
    if (!this.#isPaused && !this.#rest) this.#tellPeerEnd();
  }

  #tellPeerEnd(): void {
    if (!this.#close) {
      this.#tellClose(LOST);
      this.end();
    } else if (this.#hasSentClose) {
      this.#endSocket();
    }
  }

  #tellClose(close: LegClose): void {
    if (this.#close) return;
    this.#close = close;
    this.#listener?.onClose(close);
  }

  #onGone(): void {
    this.#isGone = true;
    if (!this.#listener) return;
    this.#takeLast();
    this.#tellClose(LOST);
    this.#listener.onGone();
  }

  /** What the peer sent before it went, also while nobody read: its close may be among it. */
  #takeLast(): void {
    const rest = this.#takeRest();
    if (rest && !this.#close && !this.#isHalted) this.#onBytes(rest);
    this.#rest = undefined;
  }
}
