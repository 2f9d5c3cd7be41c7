/**
 * One open session of a mock upstream: what came in, and everything a server may or may not send. It plays no
 * scenario and checks no handshake; upgrade-desk.ts and scenarios/ do.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ABNORMAL_CLOSURE } from '../contract/index.ts';
import { after, Changes, type WaitOptions } from './changes.ts';
import { Gate } from './gate.ts';
import { type MockFrame, MessageReader } from './message-reader.ts';
import type { MockRequest } from './mock-request.ts';
import type { Conversation, ErrorReason, Turn } from './vendors/vendor.ts';
import {
  encodeClose,
  encodeFrame,
  FrameReader,
  type FrameShape,
  OPCODES,
  type WireFrame,
} from './wire-frames.ts';

/** How the other side left. */
export interface MockClose {
  /** The code of its close frame; 1005 for one without a code, 1006 when there was none (RFC 6455 7.1.5). */
  readonly code: number;
  readonly reason: string;
  /** True when the connection was reset instead of ended. */
  readonly wasReset: boolean;
}

/** What the vendor would say in a session; scenarios say it, or something else. */
export interface SessionScript {
  readonly converse: (turn: Turn) => Conversation;
  readonly errorMessage: (reason: ErrorReason, message: string) => string;
  /** The kind of frame of which the service's messages mostly consist. */
  readonly kindOfFrames: MockFrame['kind'];
}

/** What a session is made of. */
export interface SessionParts {
  readonly id: number;
  readonly request: MockRequest;
  readonly secret: string;
  readonly script: SessionScript;
  /** Where bytes are read and written: the TLS stream, or the TCP socket itself. */
  readonly stream: Duplex;
  readonly socket: Socket;
  /** False lets close frames pass unanswered. */
  readonly answersClose: boolean;
  readonly onViolation: (problem: string) => void;
  /** Judges the message number `index`, counting from 0; returns what is wrong with it. */
  readonly judgeFrame: (frame: MockFrame, index: number) => string | undefined;
}

export class MockSession {
  readonly #parts: SessionParts;
  readonly #changes = new Changes();
  readonly #frames: MockFrame[] = [];
  readonly #wireFrames: WireFrame[] = [];
  readonly #timers = new Set<() => void>();
  readonly #gate = new Gate();
  readonly #frameReader: FrameReader;
  readonly #messageReader: MessageReader;
  readonly #closed: Promise<MockClose>;
  #settleClosed: (close: MockClose) => void = () => {};
  #close: { code: number; reason: string } = { code: ABNORMAL_CLOSURE, reason: '' };
  #hasSentClose = false;
  #wasReset = false;
  #isOpen = true;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#closed = new Promise((resolve) => (this.#settleClosed = resolve));
    this.#messageReader = new MessageReader(true, {
      onMessage: (message) => this.#onMessage(message),
      onPing: (payload) => this.sendFrame({ opcode: OPCODES.pong, payload }),
      onPong: () => {},
      onClose: (code, reason) => this.#onCloseFrame(code, reason),
      onFault: ({ code, problem }) => {
        parts.onViolation(`the proxy sent ${problem}`);
        this.close(code);
        this.endStream();
      },
    });
    this.#frameReader = new FrameReader((frame) => {
      this.#wireFrames.push(frame);
      this.#messageReader.read(frame);
      this.#changes.notify();
    });
    this.#watch(parts);
  }

  #watch({ stream, socket }: SessionParts): void {
    const onError = (): void => void (this.#wasReset = true);
    stream.on('data', (chunk: Buffer) => this.#frameReader.push(chunk));
    // A failure of a TLS stream need not reach the socket below.
    stream.on('error', onError);
    socket.on('error', onError);
    socket.on('close', () => this.#finish());
  }

  /** Counts from 1 in the order of opening. */
  get id(): number {
    return this.#parts.id;
  }

  /** The vendor's service that the session is with. */
  get service(): string {
    return this.#parts.request.service ?? 'unknown';
  }

  get request(): MockRequest {
    return this.#parts.request;
  }

  /** What the vendor would say. */
  get script(): SessionScript {
    return this.#parts.script;
  }

  /** The mock's secret, for scenarios that give it away. */
  get secret(): string {
    return this.#parts.secret;
  }

  /** True until the connection is gone. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** False once this side has ended, or the connection is gone. */
  get isWritable(): boolean {
    return this.#parts.stream.writable;
  }

  /** Bytes sent that have not left this process, because the other side does not read. */
  get bufferedBytes(): number {
    return this.#parts.stream.writableLength;
  }

  /** Messages received, in order. */
  get frames(): readonly MockFrame[] {
    return this.#frames;
  }

  /** Frames received as they stood on the wire: fragments, pings, pongs and the close frame included. */
  get wireFrames(): readonly WireFrame[] {
    return this.#wireFrames;
  }

  /** Resolves when the connection is gone. Never rejects. */
  get closed(): Promise<MockClose> {
    return this.#closed;
  }

  /** The first received message that fits, also one received earlier. Rejects at the deadline and when the session ends. */
  waitForFrame(fits: (frame: MockFrame) => boolean, options?: WaitOptions): Promise<MockFrame> {
    const what = (): string => `a fitting frame; ${this.#frames.length} others came`;
    // Each frame is shown to the caller once, however many changes follow.
    let next = 0;
    const probe = (): MockFrame | undefined => {
      for (let frame = this.#frames[next++]; frame; frame = this.#frames[next++])
        if (fits(frame)) return frame;
      next--;
      return undefined;
    };
    return this.#changes.wait({ probe, what }, options);
  }

  /** All messages in order, from the first one received; ends when the connection is gone. */
  async *received(): AsyncGenerator<MockFrame, void, void> {
    for (let index = 0; ; index++) {
      const probe = (): MockFrame | 'end' | undefined =>
        this.#frames[index] ?? (this.#isOpen ? undefined : 'end');
      const next = await this.#changes.wait({ probe, what: () => 'a frame' }, { deadlineMs: Infinity });
      if (next === 'end') return;
      yield next;
    }
  }

  /**
   * Sends one message: text for a string, binary for a Buffer. False when the socket asks to wait for `drained()`, and
   * when nothing was sent because a close frame has gone out.
   */
  send(payload: string | Buffer): boolean {
    if (this.#hasSentClose) return false;
    return this.sendFrame({ opcode: typeof payload === 'string' ? OPCODES.text : OPCODES.binary, payload });
  }

  /** Sends any frame, legal or not. */
  sendFrame(shape: FrameShape): boolean {
    return this.sendBytes(encodeFrame(shape));
  }

  /** Sends bytes as they are. */
  sendBytes(bytes: Buffer): boolean {
    return this.isWritable && this.#parts.stream.write(bytes, () => this.#changes.notify());
  }

  /** Resolves when nothing waits in this process to be sent, or when the connection is gone. */
  async drained(): Promise<void> {
    const probe = (): true | undefined => (this.bufferedBytes === 0 || !this.#isOpen ? true : undefined);
    await this.#changes.wait({ probe, what: () => 'the peer to read' }, { deadlineMs: Infinity });
  }

  /**
   * Sends a close frame with any number and any reason, whether or not they may be sent; without a code it is empty.
   * The connection ends when the peer answers.
   */
  close(code?: number, reason?: string | Buffer): void {
    if (this.#hasSentClose) return;
    this.#hasSentClose = true;
    this.sendFrame({ opcode: OPCODES.close, payload: encodeClose(code, reason) });
  }

  /** Ends this side of the connection without a close frame, and goes on reading (half-close). */
  endStream(): void {
    this.#parts.stream.end();
  }

  /** Ends the connection at once by a TCP reset. */
  destroy(): void {
    this.#parts.socket.resetAndDestroy();
    this.#parts.stream.destroy();
  }

  /** Reads nothing more, so that the peer's bytes pile up on its side. */
  pauseReading(): void {
    this.#parts.stream.pause();
  }

  resumeReading(): void {
    this.#parts.stream.resume();
  }

  /** Resolves after `ms` milliseconds, or never if the session ends first. For scenarios that are about time. */
  delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = after(ms, () => {
        this.#timers.delete(cancel);
        resolve();
      });
      this.#timers.add(cancel);
    });
  }

  /** Resolves when the mock is told to `release()`, or never if the session ends first. */
  released(): Promise<void> {
    return this.#gate.opened();
  }

  /** Reads again, and opens what waits for `released()`. */
  release(): void {
    this.resumeReading();
    this.#gate.open();
  }

  #finish(): void {
    this.#isOpen = false;
    for (const cancel of this.#timers) cancel();
    this.#changes.notify();
    this.#changes.end(new Error('the session has ended'));
    this.#settleClosed({ ...this.#close, wasReset: this.#wasReset });
  }

  #onMessage(message: MockFrame): void {
    const problem = this.#parts.judgeFrame(message, this.#frames.length);
    this.#frames.push(message);
    if (problem) this.#parts.onViolation(problem);
  }

  #onCloseFrame(code: number, reason: string): void {
    this.#close = { code, reason };
    if (!this.#parts.answersClose) return;
    const payload = this.#wireFrames.at(-1)?.payload ?? Buffer.alloc(0);
    if (!this.#hasSentClose) this.sendFrame({ opcode: OPCODES.close, payload });
    this.#hasSentClose = true;
    // RFC 6455 7.1.1: the server is the one that ends the connection.
    this.endStream();
  }
}
