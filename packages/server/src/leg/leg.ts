/** What the relay needs of a socket, whatever it is made of. A leg knows no route, user, provider or deadline. */

export type FrameKind = 'text' | 'binary';

/**
 * What a leg hands over: `wire`, bytes of frames as they stood, headers included; or the payload of one whole message.
 * The two legs of a session are of one making, so that what one hands over the other can forward.
 */
export type DataKind = FrameKind | 'wire';

/** How a peer may break RFC 6455 or the route's rules; each is the name of a close row. */
export type LegFault = 'ProtocolError' | 'BadPayload' | 'TooLarge' | 'PolicyViolation' | 'KindDenied';

/** How a leg ended: the peer's close frame, 1005 for one without a code, 1006 when there was none. */
export interface LegClose {
  readonly code: number;
  readonly reason: string;
  /** Set when the peer broke the protocol. */
  readonly fault?: LegFault;
}

/** Which text messages are handed over whole and readable instead of forwarded: none, control frames of session mode, all. */
export type Opening = 'none' | 'control' | 'text';

export interface LegListener {
  /** Returns true when the bytes are not needed any more: their memory may be written over. */
  onData(bytes: Buffer, kind: DataKind): boolean;
  /** Told before the data in which a message ends: how many bytes into that data. Only when `countsMessages` was asked. */
  onMessageEnd(offset: number): void;
  /** One opened text message. Returns whether to go on; if not, nothing more comes before `resume`. */
  onText(payload: Buffer): boolean;
  /** `frame` is it as it stood, where the leg hands over bytes. */
  onPing(payload: Buffer, frame?: Buffer): void;
  onPong(payload: Buffer, frame?: Buffer): void;
  /** All that was handed over ends with a whole frame; called while `wantsBoundary` is set. */
  onBoundary(): void;
  /** The queue of `bufferedBytes` has emptied. */
  onDrain(): void;
  /** Called exactly once, when the peer has ended: by its close frame, a breach, or a connection that is lost. */
  onClose(close: LegClose): void;
  /** Called exactly once, after `onClose`, when the socket is gone; a peer may let that wait for long. */
  onGone(): void;
}

export interface ListenOptions {
  readonly opens: Opening;
  /** Longest text message that is opened, in bytes; a longer one is `TooLarge`. */
  readonly maxOpenedBytes: number;
  /** Whether `onMessageEnd` is called. */
  readonly countsMessages: boolean;
  /** Nothing is delivered before the first `resume`. */
  readonly startsPaused?: boolean | undefined;
  /** A kind of message that this peer may not send: `KindDenied`. */
  readonly refuses?: FrameKind | undefined;
}

/** What a peer has sent so far. */
export interface Received {
  /** Whole messages, opened ones included. */
  readonly messages: number;
  /** Payload bytes of data frames. */
  readonly bytes: number;
  /** Of those, the ones of a message that has begun and not ended. */
  readonly unfinishedBytes: number;
}

/** One of the two sockets of a session. It is made paused: nothing is delivered before `listen`. */
export interface Leg {
  /** Starts delivery; what arrived earlier comes first. */
  listen(listener: LegListener, options: ListenOptions): void;
  /** Writes what another leg handed over. Ignored once this leg has sent its close frame. */
  forward(bytes: Buffer, kind: DataKind): void;
  /** Writes one text message of our own; the caller sees to it that it stands between messages. */
  send(text: string | Buffer): void;
  ping(payload: Buffer): void;
  pong(payload: Buffer): void;
  /** Bytes accepted that have not left the process. */
  readonly bufferedBytes: number;
  /** True when bytes may be referred to although none are buffered: a stream that is no socket can keep what it was given. */
  readonly keepsWritten: boolean;
  readonly received: Received;
  /** Grows with whatever comes from the peer: a sign that it lives, also in the middle of a frame. */
  readonly signs: number;
  /** True when all that was handed over ends with a whole frame: a control frame may follow it on the other leg. */
  readonly isAtBoundary: boolean;
  /** True when it ends with a whole message: a text message may follow it on the other leg. */
  readonly isBetweenMessages: boolean;
  /** Bytes handed over of the message that has begun and not ended. */
  readonly openBytes: number;
  /** True while a message has begun and not ended. */
  readonly isInMessage: boolean;
  wantsBoundary: boolean;
  pause(): void;
  resume(): void;
  /**
   * Sends a close frame, once; without a code it is empty. The connection ends when the peer has sent its own. The caller
   * sees to it that it stands between frames. Safe to call in any state.
   */
  close(code?: number, reason?: string): void;
  /** Ends the connection without a close frame, after what has been written. */
  end(): void;
  /** Destroys the socket at once. */
  terminate(): void;
}
