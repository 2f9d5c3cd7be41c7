/** The public surface of @voxproxy/client. */
export { ProxyClient, type ClientEvents } from './proxy-client.ts';
export type { OutboxOptions, ProxyClientOptions, ReconnectOptions } from './options.ts';
export type { ClientSnapshot, ClientState } from './connection/state.ts';
export type { Network, NetworkChange } from './connection/network.ts';
export type { Frame } from './connection/outbox.ts';
export type { Scheduler } from './connection/scheduler.ts';
export type { WebSocketConstructor, WebSocketLike } from './connection/websocket-like.ts';
export type { TokenContext, TokenOption, TokenReason, TokenResult } from './token/token-source.ts';
export type { TokenTransport } from './token/token-placement.ts';
export {
  AuthError,
  BadRequestError,
  ConnectionError,
  ForbiddenError,
  PayloadTooLargeError,
  ProtocolError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UpstreamError,
  VoxError,
  type VoxErrorDetails,
} from './errors.ts';
