/**
 * A WebSocket client made of a bare socket, for handshakes and frames that no library would send. It shows what came
 * in as it stood on the wire and corrects nothing; every wait has a deadline.
 */
import { connect, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ABNORMAL_CLOSURE } from '../../src/contract/index.ts';
import { Changes, type Wait } from '../../src/testing/changes.ts';
import { type MockFrame, MessageReader } from '../../src/testing/message-reader.ts';
import { type Entry, headerValues, readHeaderLines, splitHead } from '../../src/testing/upgrade-request.ts';
import { encodeClose, encodeFrame, FrameReader } from '../../src/testing/wire-frames.ts';
import { type FrameShape, OPCODES, type WireFrame } from '../../src/testing/wire-frames.ts';
import { type RawUpgradeOptions, requestBytes } from './raw-request.ts';
import type { TestCleanup } from './test-cleanup.ts';

export interface RawResponse {
  /** The first line, such as `HTTP/1.1 101 Switching Protocols`. */
  readonly line: string;
  readonly status: number;
  readonly headers: readonly Entry[];
}

export interface RawClose {
  /** The code of the server's close frame; 1005 for one without a code, 1006 when there was none. */
  readonly code: number;
  readonly reason: string;
  /** True when the connection was reset instead of ended. */
  readonly wasReset: boolean;
}

/** Connects, writes the request, and resolves without waiting for an answer. */
export async function rawUpgrade(test: TestCleanup, options: RawUpgradeOptions): Promise<RawClient> {
  const client = new RawClient(options);
  test.onTestFinished(() => client.destroy());
  await client.connected();
  client.sendBytes(requestBytes(options));
  return client;
}

export class RawClient {
  /** Whole messages of the server, in order. */
  readonly messages: MockFrame[] = [];
  /** Frames of the server as they stood on the wire. */
  readonly wireFrames: WireFrame[] = [];
  /** What the server did against RFC 6455. */
  readonly faults: string[] = [];
  readonly #options: RawUpgradeOptions;
  readonly #changes = new Changes();
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  readonly #messageReader: MessageReader;
  readonly #frameReader: FrameReader;
  #response: RawResponse | undefined;
  #close: RawClose = { code: ABNORMAL_CLOSURE, reason: '', wasReset: false };
  #hasCloseFrame = false;
  #isConnected = false;
  #isGone = false;

  constructor(options: RawUpgradeOptions) {
    this.#options = options;
    const target = { port: options.port, host: options.host ?? '127.0.0.1', allowHalfOpen: true };
    this.#socket = options.tls
      ? connectTls({ ...target, ca: options.tls.ca })
      : connect({ ...target, ...this.#portions(options.bytesPerRead) });
    this.#messageReader = new MessageReader(false, {
      onMessage: (message) => this.messages.push(message),
      onPing: (payload) => this.sendFrame({ opcode: OPCODES.pong, payload }),
      onPong: () => {},
      onClose: (code, reason) => this.#onCloseFrame(code, reason),
      onFault: ({ problem }) => this.faults.push(problem),
    });
    this.#frameReader = new FrameReader((frame) => {
      this.wireFrames.push(frame);
      this.#messageReader.read(frame);
    });
    this.#watch(options.tls ? 'secureConnect' : 'connect');
  }

  /** What has the socket read in portions; `data` is then told of nothing. */
  #portions(bytes: number | undefined): { onread?: OnReadOpts } {
    if (bytes === undefined) return {};
    const callback = (count: number, buffer: Uint8Array): boolean => {
      this.#onBytes(Buffer.from(buffer.subarray(0, count)));
      return true;
    };
    return { onread: { buffer: Buffer.alloc(bytes), callback } };
  }

  #watch(connectEvent: 'connect' | 'secureConnect'): void {
    this.#socket.setNoDelay(true);
    this.#socket.on(connectEvent, () => {
      this.#isConnected = true;
      this.#changes.notify();
    });
    this.#socket.on('error', () => (this.#close = { ...this.#close, wasReset: true }));
    this.#socket.on('data', (chunk: Buffer) => this.#onBytes(chunk));
    this.#socket.on('end', () => this.#socket.end());
    this.#socket.on('close', () => {
      this.#isGone = true;
      this.#changes.notify();
    });
  }

  /** Every byte that came in. */
  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** How many reads brought them. */
  get reads(): number {
    return this.#chunks.length;
  }

  /** True once the connection is gone. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** True once the server has sent a close frame. */
  get hasCloseFrame(): boolean {
    return this.#hasCloseFrame;
  }

  /** Resolves when the server has sent a close frame, or the connection is gone without one. */
  async waitForCloseFrame(): Promise<RawClose> {
    await this.#wait(() => this.#hasCloseFrame || this.#isGone || undefined, 'a close frame');
    return this.#close;
  }

  async connected(): Promise<void> {
    await this.#wait(() => this.#isConnected || this.#isGone || undefined, 'the connection');
    if (!this.#isConnected) throw new Error('the connection was refused');
  }

  /** The head of the HTTP answer. Rejects when the connection ends without one. */
  async response(): Promise<RawResponse> {
    const found = await this.#wait(
      () => this.#response ?? (this.#isGone ? 'gone' : undefined),
      'an HTTP answer',
    );
    if (found === 'gone') throw new Error('the connection ended without an HTTP answer');
    return found;
  }

  /** Resolves when the probe holds; it is tried whenever bytes come or the connection ends. */
  async until(probe: () => boolean, what: string): Promise<void> {
    await this.#wait(() => probe() || undefined, what);
  }

  /** What came behind the head of an HTTP answer, once the connection has ended. */
  async body(): Promise<Buffer> {
    await this.waitForClose();
    return splitHead(this.received)?.rest ?? Buffer.alloc(0);
  }

  /** The first message of the server that fits, also an earlier one. */
  waitForMessage(fits: (message: MockFrame) => boolean = () => true): Promise<MockFrame> {
    return this.#wait(
      () => this.messages.find(fits),
      () => `a fitting message; ${this.messages.length} others came`,
    );
  }

  /** The first `count` messages of the server. */
  async waitForMessages(count: number): Promise<readonly MockFrame[]> {
    const probe = (): true | undefined => this.messages.length >= count || undefined;
    await this.#wait(probe, () => `${count} messages; ${this.messages.length} came`);
    return this.messages.slice(0, count);
  }

  /** Resolves when the connection is gone, whoever ended it. */
  async waitForClose(): Promise<RawClose> {
    await this.#wait(() => this.#isGone || undefined, 'the connection to end');
    return this.#close;
  }

  /** Bytes that the operating system has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  sendBytes(bytes: Buffer | string): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Sends any frame, legal or not; masked unless told otherwise. */
  sendFrame(shape: FrameShape): void {
    this.sendBytes(encodeFrame({ mask: true, ...shape }));
  }

  /** Sends one message: text for a string, binary for a Buffer. */
  send(payload: string | Buffer): void {
    this.sendFrame({ opcode: typeof payload === 'string' ? OPCODES.text : OPCODES.binary, payload });
  }

  /** Sends a close frame with any code and reason. */
  close(code?: number, reason?: string | Buffer): void {
    this.sendFrame({ opcode: OPCODES.close, payload: encodeClose(code, reason) });
  }

  /** Ends this side without a close frame, and goes on reading (half-close). */
  endStream(): void {
    this.#socket.end();
  }

  /** Ends the connection by a TCP reset; over TLS by an abrupt end. */
  reset(): void {
    if (this.#options.tls) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Reads nothing more, so that the server's bytes pile up on its side. */
  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  #wait<T>(probe: Wait<T>['probe'], what: string | (() => string)): Promise<T> {
    const { deadlineMs } = this.#options;
    const said = typeof what === 'string' ? (): string => what : what;
    return this.#changes.wait({ probe, what: said }, deadlineMs === undefined ? {} : { deadlineMs });
  }

  #onBytes(chunk: Buffer): void {
    this.#chunks.push(chunk);
    if (this.#response) {
      if (this.#response.status === 101) this.#frameReader.push(chunk);
    } else {
      this.#readResponse();
    }
    this.#changes.notify();
  }

  #readResponse(): void {
    const found = splitHead(this.received);
    if (!found) return;
    const [line = '', ...lines] = found.head.split('\r\n');
    this.#response = { line, status: Number(line.split(' ')[1]), headers: readHeaderLines(lines) };
    if (this.#response.status === 101) this.#frameReader.push(found.rest);
  }

  #onCloseFrame(code: number, reason: string): void {
    this.#hasCloseFrame = true;
    this.#close = { ...this.#close, code, reason };
    if (this.#options.answersClose === false) return;
    this.sendFrame({ opcode: OPCODES.close, payload: this.wireFrames.at(-1)?.payload ?? '' });
  }
}

/** One header of an answer; undefined when it is missing, an Error when it is repeated. */
export function headerOf(response: RawResponse, name: string): string | undefined {
  const values = headerValues(response.headers, name);
  if (values.length > 1) throw new Error(`${values.length} ${name} headers`);
  return values[0];
}
