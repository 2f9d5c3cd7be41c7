/** Sockets without a network, whose other end is the test. */
import type { WebSocketConstructor, WebSocketLike } from '../../src/connection/websocket-like.ts';

export class FakeSocket implements WebSocketLike {
  binaryType = 'blob';
  /** As in the standard: connecting, open, closing, closed. */
  readyState = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  readonly sent: unknown[] = [];

  send(frame: unknown): void {
    this.sent.push(frame);
  }

  close(): void {
    this.readyState = Math.max(this.readyState, this.readyState === 1 ? 2 : 3);
  }

  open(): void {
    if (this.readyState !== 0) return;
    this.readyState = 1;
    this.onopen?.({} as never);
  }

  receive(data: unknown): void {
    if (this.readyState === 1) this.onmessage?.({ data } as never);
  }

  /** The end, whoever wanted it. */
  end(code: number, reason = ''): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code, reason, wasClean: reason !== '' } as never);
  }
}

/** A constructor, and what it made so far. */
export function createFakeWebSocket(): { sockets: FakeSocket[]; WebSocket: WebSocketConstructor } {
  const sockets: FakeSocket[] = [];
  const WebSocket = class extends FakeSocket {
    constructor() {
      super();
      sockets.push(this);
    }
  };
  return { sockets, WebSocket };
}
