/**
 * A leg over a `ws` socket: hands over whole messages, checked and unmasked. The yardstick beside raw-leg.ts; handshakes
 * and dialling belong to others, who hand over an open socket that answers no pings by itself.
 */
import { ABNORMAL_CLOSURE, CLOSE_ROWS, CONTROL_BYTE } from '../contract/index.ts';
import type { Duplex } from 'node:stream';
import type { DataKind, Leg, LegClose, LegFault, LegListener, ListenOptions, Received } from './leg.ts';
import type { LegSocket } from './leg-socket.ts';

/** Wraps an open socket. Pauses it at once, so that nothing is lost before `listen`. `wire` is what it reads. */
export function createWsLeg(socket: LegSocket, wire?: Duplex): Leg {
  return new WsLeg(socket, wire);
}

class WsLeg implements Leg {
  /** Never needed: `ws` tells of whole messages only. */
  wantsBoundary = false;
  readonly keepsWritten = true;
  readonly isAtBoundary = true;
  readonly isBetweenMessages = true;
  readonly isInMessage = false;
  readonly openBytes = 0;
  signs = 0;
  readonly #socket: LegSocket;
  readonly #received = { messages: 0, bytes: 0, unfinishedBytes: 0 };
  #listener: LegListener | undefined;
  #options: ListenOptions | undefined;
  /** Messages that `ws` told of while this leg had to wait for a judgement. */
  readonly #waiting: { payload: Buffer; isBinary: boolean }[] = [];
  #isPaused = true;
  /** Waits for a judgement. */
  #isHalted = false;
  #close: LegClose | undefined;
  #isGone = false;
  #hasToldClose = false;
  #hasToldGone = false;

  constructor(socket: LegSocket, wire?: Duplex) {
    this.#socket = socket;
    socket.pause();
    // `ws` tells of whole messages only.
    wire?.on('data', () => (this.signs += 1));
    // What the error says has been told as a breach, or follows as the end of the connection.
    socket.on('error', () => undefined);
    socket.onPeerEnd = (close) => this.#onClose(close);
    socket.on('close', (code, reason) => this.#onGone(code, reason.toString()));
  }

  listen(listener: LegListener, options: ListenOptions): void {
    this.#listener = listener;
    this.#options = options;
    this.#tellEnd();
    if (this.#isGone) return;
    this.#socket.on('message', (payload: Buffer, isBinary: boolean) => {
      this.signs += 1;
      if (!this.#close?.fault) this.#waiting.push({ payload, isBinary });
      this.#deliver();
    });
    this.#socket.on('ping', (payload) => listener.onPing(payload));
    this.#socket.on('pong', (payload) => {
      this.signs += 1;
      listener.onPong(payload);
    });
    if (!options.startsPaused) this.resume();
  }

  forward(bytes: Buffer, kind: DataKind): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(bytes, { binary: kind === 'binary', compress: false }, this.#onSent);
  }

  send(text: string | Buffer): void {
    if (this.#socket.readyState === this.#socket.OPEN)
      this.#socket.send(text, { binary: false, compress: false }, this.#onSent);
  }

  ping(payload: Buffer): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping(payload);
  }

  pong(payload: Buffer): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.pong(payload);
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get received(): Received {
    return this.#received;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#isHalted = false;
    this.#deliver();
    if (!this.#isPaused) this.#socket.resume();
  }

  close(code?: number, reason?: string): void {
    this.#socket.startClose(code, reason);
    // A paused socket would never read the peer's answer to our close frame.
    this.resume();
  }

  end(): void {
    this.#socket.terminate();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  readonly #onSent = (): void => {
    if (this.#socket.bufferedAmount === 0) this.#listener?.onDrain();
  };

  #deliver(): void {
    while (!this.#isPaused && !this.#close?.fault && this.#waiting.length > 0) {
      const { payload, isBinary } = this.#waiting.shift() as { payload: Buffer; isBinary: boolean };
      this.#take(payload, isBinary);
    }
    if (this.#waiting.length === 0 && !this.#isPaused) this.#tellEnd();
  }

  #take(payload: Buffer, isBinary: boolean): void {
    const [listener, options] = [this.#listener as LegListener, this.#options as ListenOptions];
    const isOpened = !isBinary && mustOpen(options, payload);
    const kind = isBinary ? 'binary' : 'text';
    if (isOpened && payload.length > options.maxOpenedBytes) return this.#onFault('TooLarge');
    if (kind === options.refuses && !(isOpened && options.opens === 'control'))
      return this.#onFault('KindDenied');
    this.#received.messages += 1;
    this.#received.bytes += payload.length;
    if (!isOpened) listener.onData(payload, kind);
    else if (!listener.onText(payload)) {
      this.#isHalted = true;
      this.pause();
    }
  }

  #onFault(fault: LegFault): void {
    this.#waiting.length = 0;
    this.#onClose({ code: CLOSE_ROWS[fault].code, reason: '', fault });
  }

  #onClose(close: LegClose): void {
    this.#close ??= close;
    // What the peer sent before comes first.
    if ((this.#waiting.length === 0 && !this.#isHalted) || close.fault) this.#tellEnd();
  }

  #onGone(code: number, reason: string): void {
    this.#isGone = true;
    if (this.#close) {
      this.#onClose(this.#close);
      return;
    }
    // Of a peer that is lost nothing more is told; what came before a close frame still is.
    this.#waiting.length = 0;
    this.#close = { code: code === 0 ? ABNORMAL_CLOSURE : code, reason };
    this.#tellEnd();
  }

  /** Each part once, and in this order. */
  #tellEnd(): void {
    const listener = this.#listener;
    if (!listener || !this.#close) return;
    if (!this.#hasToldClose) {
      this.#hasToldClose = true;
      listener.onClose(this.#close);
    }
    if (!this.#isGone || this.#hasToldGone) return;
    this.#hasToldGone = true;
    listener.onGone();
  }
}

function mustOpen({ opens }: ListenOptions, payload: Buffer): boolean {
  return opens === 'text' || (opens === 'control' && payload[0] === CONTROL_BYTE);
}
