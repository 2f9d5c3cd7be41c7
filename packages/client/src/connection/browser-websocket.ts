/** The WebSocket of browsers and of everything else that is not Node; the package maps `#websocket` to it. */
import type { WebSocketConstructor } from './websocket-like.ts';

/** Looked up when a socket is needed, so that importing does nothing and a polyfill may come later. */
export function platformWebSocket(): WebSocketConstructor | undefined {
  return globalThis.WebSocket as unknown as WebSocketConstructor | undefined;
}
