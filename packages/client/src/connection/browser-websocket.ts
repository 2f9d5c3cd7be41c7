/** The platform's own WebSocket; the build picks this file everywhere but in Node. */
import type { WebSocketConstructor } from './websocket-like.ts';

/** Looked up when a socket is needed, so that importing does nothing and a polyfill may come later. */
export function platformWebSocket(): WebSocketConstructor | undefined {
  return (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
}
