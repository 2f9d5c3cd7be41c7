/** The WebSocket of Node, by isomorphic-ws, whose types stay in this file; the package maps `#websocket` to it in Node only. */
import NodeWebSocket from 'isomorphic-ws';
import type { WebSocketConstructor } from './websocket-like.ts';

export function platformWebSocket(): WebSocketConstructor | undefined {
  return NodeWebSocket as unknown as WebSocketConstructor;
}
