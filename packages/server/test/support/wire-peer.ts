/**
 * One end of an open WebSocket over any stream, client's or server's, that keeps nothing of what passes, for tests that
 * move more than fits into memory. It reads at a given pace, sends whole messages in any shape, and can be cut at any byte.
 */
import type { Socket } from 'node:net';
import { ABNORMAL_CLOSURE, NO_STATUS } from '../../src/contract/index.ts';
import { after, Changes, type Wait } from '../../src/testing/changes.ts';
import { type MockFrame, MessageReader } from '../../src/testing/message-reader.ts';
import { encodeClose, encodeFrame, FrameReader, OPCODES } from '../../src/testing/wire-frames.ts';

/** How the peer left. */
export interface PeerClose {
  /** The code of its close frame; 1005 for one without a code, 1006 when there was none. */
  readonly code: number;
  readonly reason: string;
  readonly hasCloseFrame: boolean;
}

export interface PeerListener {
  onMessage?(message: MockFrame): void;
  /** Once, when the stream is gone. */
  onGone?(close: PeerClose): void;
}

/** How a peer reads. Without one it reads whatever comes at once. */
export interface ReadingPace {
  /** Bytes taken in one turn of the event loop. */
  readonly portionBytes: number;
  /** Milliseconds to read nothing for before the next portion; 0 for none. Asked before each portion. */
  readonly stallMs: () => number;
}

export interface PeerOptions {
  /** True for a client, whose frames are masked. */
  readonly isClient: boolean;
  readonly pace?: ReadingPace | undefined;
  /** Milliseconds for each wait. Default 10 000. */
  readonly deadlineMs?: number | undefined;
}

/** The bytes of one message. `cuts` are the places in its payload at which a new fragment begins. */
export function messageBytes({ kind, payload }: MockFrame, cuts: readonly number[], mask: boolean): Buffer {
  const edges = [0, ...cuts, payload.length];
  const opcode = kind === 'text' ? OPCODES.text : OPCODES.binary;
  const frames = edges.slice(1).map((end, index) =>
    encodeFrame({
      opcode: index === 0 ? opcode : OPCODES.continuation,
      payload: payload.subarray(edges[index], end),
      fin: index === cuts.length,
      mask,
    }),
  );
  return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
}

/** Above this, a sender waits. */
const FULL_BYTES = 65_536;
const DEADLINE_MS = 10_000;

export class WirePeer {
  listener: PeerListener = {};
  /** What the other side did against RFC 6455. */
  readonly faults: string[] = [];
  readonly #stream: Socket;
  readonly #options: PeerOptions;
  readonly #changes = new Changes();
  readonly #frameReader: FrameReader;
  #close: PeerClose = { code: ABNORMAL_CLOSURE, reason: '', hasCloseFrame: false };
  #hasSentClose = false;
  #isGone = false;
  #isPaused = false;
  #isScheduled = false;
  #cutsMidFrame = false;
  #cancelStall = (): void => {};

  /** The stream must be open and its handshake done; nobody else may read it. */
  constructor(stream: Socket, options: PeerOptions) {
    this.#stream = stream;
    this.#options = options;
    const reader = new MessageReader(!options.isClient, {
      onMessage: (message) => this.listener.onMessage?.(message),
      onPing: (payload) => this.#control(OPCODES.pong, payload),
      onPong: () => {},
      onClose: (code, reason) => this.#onCloseFrame(code, reason),
      onFault: ({ problem }) => this.faults.push(problem),
    });
    this.#frameReader = new FrameReader((frame) => reader.read(frame));
    stream.on('readable', () => this.#pump());
    stream.on('drain', () => this.#changes.notify());
    stream.on('error', () => stream.destroy());
    stream.on('end', () => stream.end());
    if (stream.closed) setImmediate(() => this.#onGone());
    else stream.on('close', () => this.#onGone());
    this.#schedule(0);
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** How the other side left, as far as it has. */
  get left(): PeerClose {
    return this.#close;
  }

  /** Sends one whole message and resolves when there is room for the next, or when nobody takes it any more. */
  async send(message: MockFrame, cuts: readonly number[] = []): Promise<void> {
    this.write(messageBytes(message, cuts, this.#options.isClient));
    await this.drained();
  }

  ping(payload: string): void {
    this.#control(OPCODES.ping, Buffer.from(payload));
  }

  /** Sends bytes as they are; nothing once a close frame has gone out. */
  write(bytes: Buffer): void {
    if (this.#stream.writable && !this.#hasSentClose) this.#stream.write(bytes);
  }

  /** Resolves when little waits to be sent, or when the stream is gone. */
  async drained(): Promise<void> {
    const probe = (): true | undefined =>
      this.#stream.writableLength <= FULL_BYTES || this.#isGone || undefined;
    // A reader that has stalled on purpose is its test's concern, and a stream that is gone ends the wait.
    await this.#changes.wait({ probe, what: () => 'the peer to read' }, { deadlineMs: Infinity });
  }

  /** Sends a close frame. */
  close(code?: number, reason?: string): void {
    this.#control(OPCODES.close, encodeClose(code, reason));
    this.#hasSentClose = true;
  }

  /** Ends this side without a close frame, behind everything written. */
  endStream(): void {
    this.#stream.end();
  }

  /** Ends the connection at once: a TCP reset, over TLS an abrupt end. */
  cut(): void {
    if ('encrypted' in this.#stream) this.#stream.destroy();
    else this.#stream.resetAndDestroy();
  }

  /** Cuts as soon as a frame has come in part, at the latest after `latestMs`. */
  cutMidFrame(latestMs: number): void {
    this.#cutsMidFrame = true;
    this.#cancelStall();
    const cancel = after(latestMs, () => this.cut());
    this.#stream.on('close', cancel);
    this.#pump();
  }

  /** Reads nothing more; what comes piles up outside. */
  pauseReading(): void {
    this.#isPaused = true;
  }

  resumeReading(): void {
    this.#isPaused = false;
    this.#schedule(0);
  }

  /** Resolves when the stream is gone. */
  async gone(deadlineMs?: number): Promise<PeerClose> {
    await this.#wait({ probe: () => this.#isGone || undefined, what: () => 'the peer to leave' }, deadlineMs);
    return this.#close;
  }

  #wait<T>(wait: Wait<T>, deadlineMs = this.#options.deadlineMs ?? DEADLINE_MS): Promise<T> {
    return this.#changes.wait(wait, { deadlineMs });
  }

  #control(opcode: number, payload: Buffer): void {
    this.write(encodeFrame({ opcode, payload, mask: this.#options.isClient }));
  }

  #onCloseFrame(code: number, reason: string): void {
    this.#close = { code, reason, hasCloseFrame: true };
    if (!this.#hasSentClose) this.close(code === NO_STATUS ? undefined : code, reason);
    // RFC 6455 7.1.1: the server is the one that ends the connection.
    if (!this.#options.isClient) this.endStream();
  }

  /** One portion a turn, so that a small one leaves the rest to wait. */
  #pump(): void {
    if (this.#isPaused || this.#isScheduled || this.#isGone) return;
    const { pace } = this.#options;
    const size = Math.min(pace?.portionBytes ?? Infinity, this.#stream.readableLength);
    const chunk = this.#stream.read(size === 0 ? undefined : size) as Buffer | null;
    if (!chunk) return;
    this.#frameReader.push(chunk);
    if (this.#cutsMidFrame && this.#frameReader.pendingBytes > 0) this.cut();
    else this.#schedule(pace?.stallMs() ?? 0);
  }

  #schedule(ms: number): void {
    if (this.#isScheduled || this.#isGone) return;
    this.#isScheduled = true;
    const run = (): void => {
      this.#cancelStall = () => {};
      this.#isScheduled = false;
      this.#pump();
    };
    if (ms === 0) setImmediate(run);
    else {
      const cancel = after(ms, run);
      this.#cancelStall = () => {
        cancel();
        this.#isScheduled = false;
        this.#cancelStall = () => {};
      };
    }
  }

  #onGone(): void {
    this.#isGone = true;
    this.#cancelStall();
    this.#changes.notify();
    this.listener.onGone?.(this.#close);
  }
}
