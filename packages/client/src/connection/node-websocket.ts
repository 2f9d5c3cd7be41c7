/** The WebSocket of Node, by isomorphic-ws, whose types stay in this file; the build picks it under the condition `node`. */
import NodeWebSocket from 'isomorphic-ws';
import type { WebSocketConstructor } from './websocket-like.ts';

export function platformWebSocket(): WebSocketConstructor | undefined {
  return NodeWebSocket as unknown as WebSocketConstructor;
}
