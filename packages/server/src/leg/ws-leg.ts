/** A leg over a `ws` socket. Handshakes and dialling belong to others; they hand over an open, paused socket. */
import type { WebSocket } from 'ws';
import type { FrameKind, Leg, LegClose, LegFault, LegListener } from './leg.ts';

/** The errors of `ws` about what its peer sent that are not plain protocol errors. */
const FAULTS: Readonly<Record<string, LegFault>> = {
  WS_ERR_INVALID_UTF8: 'BadPayload',
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'TooLarge',
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 'TooLarge',
};

/** What an error says of the peer; undefined for a connection that merely failed. */
function faultOf(error: Error & { code?: string }): LegFault | undefined {
  const code = error.code ?? '';
  return FAULTS[code] ?? (code.startsWith('WS_ERR_') ? 'ProtocolError' : undefined);
}

/** Wraps an open socket. Pauses it at once, so that nothing is lost before `listen`. */
export function createWsLeg(socket: WebSocket): Leg {
  return new WsLeg(socket);
}

class WsLeg implements Leg {
  readonly #socket: WebSocket;
  #listener: LegListener | undefined;
  #fault: LegFault | undefined;
  #ended: LegClose | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.pause();
    socket.on('error', (error) => {
      this.#fault = faultOf(error);
    });
    socket.on('close', (code, reason) => this.#onClose(code, reason.toString()));
  }

  listen(listener: LegListener): void {
    this.#listener = listener;
    if (this.#ended) {
      listener.onClose(this.#ended);
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
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #onClose(code: number, reason: string): void {
    this.#ended = this.#fault === undefined ? { code, reason } : { code, reason, fault: this.#fault };
    this.#listener?.onClose(this.#ended);
  }
}
