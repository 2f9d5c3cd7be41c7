/** What the relay needs of a socket, whatever it is made of. A leg knows no route, user, provider or deadline. */

export type FrameKind = 'text' | 'binary';

/** How a peer may break RFC 6455; each is the name of a close row. */
export type LegFault = 'ProtocolError' | 'BadPayload' | 'TooLarge' | 'PolicyViolation';

/** How a leg ended: the peer's close frame, 1005 for one without a code, 1006 when there was none. */
export interface LegClose {
  readonly code: number;
  readonly reason: string;
  /** Set when the peer broke the protocol and this side ended the leg. */
  readonly fault?: LegFault;
}

export interface LegListener {
  onFrame(payload: Buffer, kind: FrameKind): void;
  /** Buffered bytes have fallen; called after each write that has left. */
  onDrain(): void;
  /** The peer showed life without a frame, by a pong. */
  onAlive(): void;
  /** Called exactly once, when the peer has ended: by its close frame, a breach, or a connection that is lost. */
  onClose(close: LegClose): void;
  /** Called exactly once, after `onClose`, when the socket is gone; a peer may let that wait for long. */
  onGone(): void;
}

/** One of the two sockets of a session. It is made paused: no frame is delivered before `listen`. */
export interface Leg {
  /** Starts delivery; frames that arrived earlier come first. */
  listen(listener: LegListener): void;
  /** Queues one message. Ignored once the leg is closing. */
  send(payload: Buffer | string, kind: FrameKind): void;
  /** Bytes accepted by `send` that have not left the process. */
  readonly bufferedBytes: number;
  pause(): void;
  resume(): void;
  ping(): void;
  /** Starts the closing handshake; without a code the close frame is empty. Safe to call in any state. */
  close(code?: number, reason?: string): void;
  /** Destroys the socket at once. */
  terminate(): void;
}
