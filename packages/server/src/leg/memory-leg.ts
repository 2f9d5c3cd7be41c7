/** A leg without a socket, for tests of what joins legs: the test plays the peer and sees what the leg was told. */
import { ABNORMAL_CLOSURE } from '../contract/index.ts';
import type { FrameKind, Leg, LegClose, LegListener } from './leg.ts';

export interface MemoryFrame {
  readonly payload: Buffer | string;
  readonly kind: FrameKind;
}

export class MemoryLeg implements Leg {
  /** What was sent to the peer, in order. */
  readonly sent: MemoryFrame[] = [];
  /** Every other call, in order, such as `pause` or `close 1000 text`. */
  readonly calls: string[] = [];
  /** Set by the test; the bytes that the peer has not taken. */
  bufferedBytes = 0;
  readonly #waiting: MemoryFrame[] = [];
  #listener: LegListener | undefined;
  #ended: LegClose | undefined;
  #isPaused = true;

  listen(listener: LegListener): void {
    this.#listener = listener;
    if (this.#ended) {
      listener.onClose(this.#ended);
      listener.onGone();
      return;
    }
    this.#isPaused = false;
    this.#deliver();
  }

  send(payload: Buffer | string, kind: FrameKind): void {
    this.sent.push({ payload, kind });
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

  ping(): void {
    this.calls.push('ping');
  }

  close(code?: number, reason?: string): void {
    this.calls.push(['close', code, reason].filter((word) => word !== undefined && word !== '').join(' '));
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

  peerPongs(): void {
    this.#listener?.onAlive();
  }

  /** The peer takes what was sent until `leftBytes` wait. */
  peerTakes(leftBytes: number): void {
    this.bufferedBytes = leftBytes;
    this.#listener?.onDrain();
  }

  /** The socket is gone: by the peer's close, or by an end without one. Once only. */
  peerEnds(close: LegClose): void {
    if (this.#ended) return;
    this.#ended = close;
    this.#listener?.onClose(close);
    this.#listener?.onGone();
  }

  #deliver(): void {
    while (!this.#isPaused && this.#listener && !this.#ended) {
      const frame = this.#waiting.shift();
      if (!frame) return;
      this.#listener.onFrame(Buffer.from(frame.payload), frame.kind);
    }
  }
}
