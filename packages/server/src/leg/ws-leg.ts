/** A leg over a `ws` socket. Handshakes and dialling belong to others; they hand over an open socket. */
import type { FrameKind, Leg, LegClose, LegListener } from './leg.ts';
import type { LegSocket } from './leg-socket.ts';

/** Wraps an open socket. Pauses it at once, so that nothing is lost before `listen`. */
export function createWsLeg(socket: LegSocket): Leg {
  return new WsLeg(socket);
}

class WsLeg implements Leg {
  readonly #socket: LegSocket;
  #listener: LegListener | undefined;
  #close: LegClose | undefined;
  #isGone = false;

  constructor(socket: LegSocket) {
    this.#socket = socket;
    socket.pause();
    // What the error says has been told as a breach, or follows as the end of the connection.
    socket.on('error', () => undefined);
    socket.onPeerEnd = (close) => this.#onClose(close);
    socket.on('close', (code, reason) => this.#onGone(code, reason.toString()));
  }

  listen(listener: LegListener): void {
    this.#listener = listener;
    if (this.#close) listener.onClose(this.#close);
    if (this.#isGone) {
      listener.onGone();
      return;
    }
    this.#socket.on('message', (payload: Buffer, isBinary: boolean) => {
      listener.onFrame(payload, isBinary ? 'binary' : 'text');
    });
    this.#socket.on('pong', () => listener.onAlive());
    this.#socket.resume();
  }

  send(payload: Buffer | string, kind: FrameKind): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(payload, { binary: kind === 'binary', compress: false }, () =>
      this.#listener?.onDrain(),
    );
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  close(code?: number, reason?: string): void {
    // A paused socket would never read the peer's answer to our close frame.
    this.#socket.resume();
    this.#socket.startClose(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #onClose(close: LegClose): void {
    if (this.#close) return;
    this.#close = close;
    this.#listener?.onClose(close);
  }

  #onGone(code: number, reason: string): void {
    this.#isGone = true;
    this.#onClose({ code, reason });
    this.#listener?.onGone();
  }
}
