/** One socket: open within its time or failed, and reported gone exactly once. Knows neither tokens nor retries. */
import { ABNORMAL_CLOSURE, readErrorFrame } from '../contract.ts';
import { platformWebSocket } from '#websocket';
import { ConnectionError } from '../errors.ts';
import type { SocketTarget } from '../token/token-placement.ts';
import type { Frame } from './outbox.ts';
import type { Scheduler } from './scheduler.ts';
import type { SocketClose } from './socket-close.ts';
import type { WebSocketConstructor, WebSocketLike } from './websocket-like.ts';

export interface AttemptListener {
  onOpen(): void;
  onFrame(frame: string | ArrayBuffer): void;
  /** Called once, never from inside the constructor, and not after `abandon`. */
  onClose(close: SocketClose): void;
}

interface SocketEnd {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

export interface AttemptParts {
  /** Default: the platform's. */
  readonly WebSocket?: WebSocketConstructor | undefined;
  readonly scheduler: Scheduler;
  readonly connectTimeoutMs: number;
}

/** How long a closing handshake may take before the socket is dropped. */
const CLOSE_TIMEOUT_MS = 2_000;
/** Value of `readyState` (WHATWG WebSockets 3). */
const OPEN = 1;
/** Cheap: looks at the first bytes only. Whether it is an error frame is found out when the socket closes. */
const MAY_BE_ERROR = /^\{[^{}]{0,80}"type"\s*:\s*"error"/i;

export class Attempt {
  readonly #socket: WebSocketLike;
  readonly #listener: AttemptListener;
  readonly #scheduler: Scheduler;
  #cancelTimer: () => void;
  #hasOpened = false;
  #hasSpoken = false;
  #errorText: string | undefined;
  #cause: unknown;

  /** @throws ConnectionError `socket_refused` when the platform does not let the socket be made. */
  constructor(target: SocketTarget, parts: AttemptParts, listener: AttemptListener) {
    this.#listener = listener;
    this.#scheduler = parts.scheduler;
    this.#socket = openSocket(target, parts.WebSocket);
    this.#attach(this.#socket);
    const { connectTimeoutMs } = parts;
    this.#cancelTimer = parts.scheduler.after(connectTimeoutMs, () => this.#expire(connectTimeoutMs));
  }

  get hasOpened(): boolean {
    return this.#hasOpened;
  }

  /** False also while the socket is closing; what is sent then would be lost. */
  get isWritable(): boolean {
    return this.#socket.readyState === OPEN;
  }

  send(frame: Frame): void {
    // Every WebSocket takes views too; their types disagree on which.
    this.#socket.send(frame as string | ArrayBuffer);
  }

  /**
   * Starts the closing handshake of an open socket; `onClose` follows when it is done, or when it takes too long.
   * @throws what the platform throws for a code or reason that may not be sent; then nothing has changed.
   */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    this.#cancelTimer();
    this.#cancelTimer = this.#scheduler.after(CLOSE_TIMEOUT_MS, () => this.#expire());
  }

  /** Drops the socket without a further call of the listener. */
  abandon(): void {
    this.#release();
    if (this.#socket.terminate) this.#socket.terminate();
    else this.#socket.close();
  }

  #attach(socket: WebSocketLike): void {
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.#cancelTimer();
      this.#hasOpened = true;
      this.#listener.onOpen();
    };
    socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => this.#receive(data);
    socket.onerror = ({ error }: { error?: unknown }) => {
      this.#cause = error;
    };
    socket.onclose = (end: SocketEnd) => {
      this.#release();
      this.#report(end);
    };
  }

  #receive(frame: string | ArrayBuffer): void {
    const mayBeError = typeof frame === 'string' && MAY_BE_ERROR.test(frame);
    this.#errorText = mayBeError ? frame : undefined;
    this.#hasSpoken ||= !mayBeError;
    this.#listener.onFrame(frame);
  }

  #expire(timeoutMs?: number): void {
    this.abandon();
    this.#report({ code: ABNORMAL_CLOSURE, reason: '', wasClean: false }, timeoutMs);
  }

  #report({ code, reason, wasClean }: SocketEnd, timeoutMs?: number): void {
    this.#listener.onClose({
      code,
      reason,
      wasClean,
      hasOpened: this.#hasOpened,
      hasSpoken: this.#hasSpoken,
      frame: readErrorFrame(this.#errorText ?? ''),
      cause: this.#cause,
      timeoutMs,
    });
  }

  #release(): void {
    this.#cancelTimer();
    // Not onerror: outside browsers an error that nobody listens to would be thrown.
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
  }
}

function openSocket({ url, protocols }: SocketTarget, given?: WebSocketConstructor): WebSocketLike {
  const Socket = given ?? platformWebSocket();
  if (!Socket)
    throw new ConnectionError('no_websocket', 'There is no WebSocket here; pass the WebSocket option.');
  try {
    return new Socket(url, protocols);
  } catch (error) {
    // Not kept as the cause: the platform's message contains the URL, and the URL the token.
    const name = error instanceof Error ? error.name : 'unknown';
    throw new ConnectionError('socket_refused', `The platform refused to make this socket (${name}).`);
  }
}
