/**
 * One end of an open WebSocket on a bare socket, the same at both sides of the proxy. It sends any bytes, keeps what
 * comes in as it stood on the wire, judges and corrects nothing, and answers frame by frame: pings with pongs, and data
 * with the same frame when it echoes.
 */
import type { Socket } from 'node:net';
import { Changes } from '../../src/testing/changes.ts';
import {
  encodeFrame,
  FrameReader,
  type FrameShape,
  OPCODES,
  type WireFrame,
} from '../../src/testing/wire-frames.ts';

export interface RawPeerOptions {
  /** A client masks what it sends and leaves the end of the connection to the other side (RFC 6455 7.1.1). */
  readonly isClient: boolean;
  /** True sends each data frame back as it came. */
  readonly echoes: boolean;
  /** Milliseconds for each wait. */
  readonly deadlineMs: number;
}

export class RawPeer {
  /** Frames received as they stood on the wire, the close frame included. */
  readonly frames: WireFrame[] = [];
  /** Pongs among them. */
  pongs = 0;
  /** The close frame, once it has come. */
  closeFrame: WireFrame | undefined;
  wasReset = false;
  isGone = false;
  readonly options: RawPeerOptions;
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  readonly #changes = new Changes();
  readonly #reader = new FrameReader((frame) => this.#onFrame(frame));
  #answers: Buffer[] = [];
  #hasSentClose = false;

  /** Takes over a socket behind its handshake; `head` is what came with it. */
  constructor(socket: Socket, head: Buffer, options: RawPeerOptions) {
    this.options = options;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#onBytes(chunk));
    socket.on('end', () => socket.end());
    socket.on('error', () => (this.wasReset = true));
    socket.on('close', () => {
      this.isGone = true;
      this.#changes.notify();
    });
    if (head.length > 0) this.#onBytes(head);
    socket.resume();
  }

  /** Every byte that came in behind the handshake. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Bytes of a frame that is not whole. */
  get pendingBytes(): number {
    return this.#reader.pendingBytes;
  }

  encode(shape: FrameShape): Buffer {
    return encodeFrame({ mask: this.options.isClient, ...shape });
  }

  /**
   * Writes, and resolves when the other side has had a turn to read it, so that the next write is another chunk to it;
   * at once when it is hasty.
   */
  async write(bytes: Buffer, isHasty = false): Promise<void> {
    if (!this.#socket.writable) return;
    this.#socket.write(bytes);
    if (isHasty) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Tells that a close frame is among what is written, so that another one is answered by the end alone. */
  noteOwnClose(): void {
    this.#hasSentClose = true;
  }

  /** Resolves when `isReached` does, at every change; rejects at the deadline with what did come. */
  async until(isReached: () => boolean, what: string): Promise<void> {
    const came = (): string => `${what}; ${this.frames.length} frames and ${this.pendingBytes} bytes came`;
    await this.#changes.wait(
      { probe: () => isReached() || undefined, what: came },
      { deadlineMs: this.options.deadlineMs },
    );
  }

  /** Resolves when the connection is gone. */
  gone(): Promise<void> {
    return this.until(() => this.isGone, 'the connection to end');
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #onBytes(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#reader.push(chunk);
    // One write for all answers to a chunk: thousands of small frames would be as many system calls.
    if (this.#answers.length > 0 && this.#socket.writable) this.#socket.write(Buffer.concat(this.#answers));
    this.#answers = [];
    if (this.closeFrame && this.#hasSentClose && !this.options.isClient) this.#socket.end();
    this.#changes.notify();
  }

  #onFrame(frame: WireFrame): void {
    this.frames.push(frame);
    if (frame.opcode === OPCODES.pong) this.pongs += 1;
    if (this.#hasSentClose && frame.opcode !== OPCODES.close) return;
    const { opcode, payload, fin } = frame;
    if (opcode === OPCODES.close) this.#onCloseFrame(frame);
    else if (opcode === OPCODES.ping) this.#answers.push(this.encode({ opcode: OPCODES.pong, payload }));
    else if (opcode < OPCODES.close && this.options.echoes)
      this.#answers.push(this.encode({ opcode, payload, fin }));
  }

  #onCloseFrame(frame: WireFrame): void {
    this.closeFrame ??= frame;
    if (this.#hasSentClose) return;
    this.#hasSentClose = true;
    this.#answers.push(this.encode({ opcode: OPCODES.close, payload: frame.payload }));
  }
}
