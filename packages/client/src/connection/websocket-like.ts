/** The part of the WebSocket interface that the client uses; the browser's and the `ws` package's both fit. */

export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(frame: string | ArrayBuffer): void;
  close(code?: number, reason?: string): void;
  /** Only outside browsers: drops the connection without a closing handshake. */
  terminate?(): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;
