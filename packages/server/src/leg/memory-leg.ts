/** A leg without a socket, for tests of what joins legs: the test plays the peer and sees what the leg was told. */
import { ABNORMAL_CLOSURE, CONTROL_BYTE } from '../contract/index.ts';
import type { DataKind, FrameKind, Leg, LegClose, LegListener, ListenOptions } from './leg.ts';

export interface MemoryFrame {
  readonly payload: Buffer | string;
  readonly kind: DataKind;
}

const DEAF: ListenOptions = { opens: 'none', maxOpenedBytes: Infinity, countsMessages: false };

export class MemoryLeg implements Leg {
  /** What was sent to the peer, in order. */
  readonly sent: MemoryFrame[] = [];
  /** Every other call, in order, such as `pause` or `close 1000 text`. */
  readonly calls: string[] = [];
  readonly received = { messages: 0, bytes: 0, unfinishedBytes: 0 };
  signs = 0;
  /** Set by the test; the bytes that the peer has not taken. */
  bufferedBytes = 0;
  /** Set by the test. */
  keepsWritten = false;
  /** Set by the test; where what was handed over ends. */
  isAtBoundary = true;
  isBetweenMessages = true;
  isInMessage = false;
  openBytes = 0;
  wantsBoundary = false;
  readonly #waiting: MemoryFrame[] = [];
  #listener: LegListener | undefined;
  #options = DEAF;
  #ended: LegClose | undefined;
  #isGone = false;
  #isPaused = true;

  listen(listener: LegListener, options: ListenOptions): void {
    this.#listener = listener;
    this.#options = options;
    if (this.#ended) listener.onClose(this.#ended);
    if (this.#isGone) {
      listener.onGone();
      return;
    }
    this.#isPaused = options.startsPaused === true;
    this.#deliver();
  }

  /** What the relay asked for when it began to listen. */
  get options(): ListenOptions {
    return this.#options;
  }

  forward(payload: Buffer, kind: DataKind): void {
    this.sent.push({ payload, kind });
  }

  send(payload: Buffer | string): void {
    this.sent.push({ payload, kind: 'text' });
  }

  pause(): void {
    this.calls.push('pause');
    this.#isPaused = true;
  }

  resume(): void {
    this.calls.push('resume');
    this.#isPaused = false;
    this.#deliver();
  }

  ping(payload: Buffer): void {
    this.calls.push(`ping ${payload.toString()}`.trim());
  }

  pong(payload: Buffer): void {
    this.calls.push(`pong ${payload.toString()}`.trim());
  }

  close(code?: number, reason?: string): void {
    this.calls.push(['close', code, reason].filter((word) => word !== undefined && word !== '').join(' '));
  }

  end(): void {
    this.calls.push('end');
  }

  terminate(): void {
    this.calls.push('terminate');
    this.peerEnds({ code: ABNORMAL_CLOSURE, reason: '' });
  }

  /** The peer sends a message; it waits while the leg is paused. */
  peerSends(payload: Buffer | string, kind: FrameKind = 'text'): void {
    this.#waiting.push({ payload, kind });
    this.#deliver();
  }

  /** The peer sends bytes of frames, which the relay passes as they are. */
  peerSendsWire(payload: Buffer | string): void {
    this.#waiting.push({ payload, kind: 'wire' });
    this.#deliver();
  }

  peerPings(payload = ''): void {
    this.#listener?.onPing(Buffer.from(payload));
  }

  peerPongs(payload = ''): void {
    this.signs += 1;
    this.#listener?.onPong(Buffer.from(payload));
  }

  /** The test has set where the peer's frames stand; tells the relay as a leg does. */
  peerReachesBoundary(): void {
    if (this.wantsBoundary) this.#listener?.onBoundary();
  }

  /** The peer takes what was sent until `leftBytes` wait. */
  peerTakes(leftBytes: number): void {
    this.bufferedBytes = leftBytes;
    if (leftBytes === 0) this.#listener?.onDrain();
  }

  /** The peer's close, or an end without one; the socket goes with it unless it stays. Once only. */
  peerEnds(close: LegClose, stays = false): void {
    if (this.#ended) return;
    this.#ended = close;
    this.#listener?.onClose(close);
    if (!stays) this.goes();
  }

  /** The socket is gone. */
  goes(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#listener?.onGone();
  }

  #deliver(): void {
    while (!this.#isPaused && this.#listener && !this.#ended) {
      const frame = this.#waiting.shift();
      if (!frame) return;
      this.#hand(Buffer.from(frame.payload), frame.kind);
    }
  }

  #hand(payload: Buffer, kind: DataKind): void {
    const listener = this.#listener as LegListener;
    this.signs += 1;
    if (kind !== 'wire') {
      this.received.messages += 1;
      this.received.bytes += payload.length;
    }
    if (kind === 'text' && this.#opens(payload)) {
      if (!listener.onText(payload)) this.#isPaused = true;
    } else listener.onData(payload, kind);
  }

  #opens(payload: Buffer): boolean {
    const { opens } = this.#options;
    return opens === 'text' || (opens === 'control' && payload[0] === CONTROL_BYTE);
  }
}
