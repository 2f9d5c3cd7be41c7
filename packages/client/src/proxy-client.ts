/** ProxyClient, the public object: joins token source, connection and outbox, and turns what happens into events and a snapshot. */
import { platformWebSocket } from '#websocket';
import { Connection, type ConnectionListener } from './connection/connection.ts';
import { Outbox, type Frame } from './connection/outbox.ts';
import { readClose, type SocketClose } from './connection/socket-close.ts';
import { isLive, mayMove, type ClientSnapshot } from './connection/state.ts';
import { NORMAL_CLOSURE } from './contract.ts';
import { createDeferred, type Deferred } from './deferred.ts';
import { Emitter } from './emitter.ts';
import { ConnectionError, type VoxError } from './errors.ts';
import { resolveOptions, type ProxyClientOptions, type ResolvedOptions } from './options.ts';
import { createTokenSource } from './token/token-source.ts';

export interface ClientEvents {
  /** State, attempt, error or retryAt of the snapshot changed. */
  state: ClientSnapshot;
  /**
   * A connection is open. What a listener sends before it returns goes out before the held frames, so that a first
   * message can open every connection. A server that refuses with an error frame opens first; `refused` follows.
   */
  open: { readonly attempt: number; readonly reconnected: boolean };
  text: string;
  binary: ArrayBuffer;
  /** The server sent the client away; depending on the reason the client comes back by itself. */
  refused: VoxError;
  /** The client failed for good, or `overflow`: a frame did not fit into the outbox. */
  error: VoxError;
  /** The next attempt starts in `delayMs`. */
  reconnecting: { readonly attempt: number; readonly delayMs: number; readonly cause: VoxError };
  /** One for each `open`. */
  close: { readonly code: number; readonly reason: string; readonly wasClean: boolean };
}

/** What is not told to `state` listeners: the outbox fills with every frame. */
interface InnerEvents extends ClientEvents {
  snapshot: ClientSnapshot;
}

const INITIAL: ClientSnapshot = Object.freeze({ state: 'idle', attempt: 0, bufferedBytes: 0 });

export class ProxyClient {
  readonly #options: ResolvedOptions;
  readonly #events = new Emitter<InnerEvents>();
  readonly #outbox: Outbox;
  #snapshot = INITIAL;
  #connection: Connection | undefined;
  #opened: Deferred | undefined;
  #ended: Deferred | undefined;
  #hasOpened = false;
  #hasOverflowed = false;
  #mustRestart = false;

  /** @throws TypeError or RangeError that names the option. Nothing is dialled. */
  constructor(options: ProxyClientOptions) {
    this.#options = resolveOptions(options);
    this.#outbox = new Outbox(this.#options.outbox);
  }

  /**
   * Resolves when a socket is open; until then a second call returns the same promise. While the client waits to
   * reconnect, the next attempt starts at once, unless the server asked for the wait. An abort of `signal` before the
   * socket is open ends the attempt for all callers.
   * @returns rejects with the VoxError of `failed`, an AbortError after close(), or the reason of `signal`.
   */
  connect({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { state } = this.#snapshot;
    if (!this.#opened || (this.#opened.isSettled && state !== 'open')) this.#opened = createDeferred();
    const opened = this.#opened;
    if (signal) this.#bindSignal(signal, opened);
    if (state === 'closing') this.#mustRestart = true;
    else if (this.#connection) this.#connection.hurry();
    else this.#start();
    return opened.promise;
  }

  /**
   * Ends the connection, every wait and a pending connect(); frames that are still held are dropped. Safe to call twice.
   * @param code 1000 (default) or 3000-4999.
   * @param reason At most 123 bytes of UTF-8.
   * @returns resolves when the socket is gone; rejects when the platform does not take code or reason.
   */
  async close(code: number = NORMAL_CLOSURE, reason = ''): Promise<void> {
    const ended = this.#ended;
    this.#connection?.stop(code, reason);
    this.#mustRestart = false;
    if (!this.#opened?.isSettled) this.#opened?.reject(abortError());
    await ended?.promise;
  }

  /**
   * Sends a frame of the same kind, or holds a copy of it while the connection is being made.
   * @returns false when the outbox is full: the frame was not taken, and the first such frame of an outage is an `error`.
   * @throws ConnectionError `not_connected` before connect() and after the end.
   */
  send(frame: Frame): boolean {
    if (!isLive(this.#snapshot.state)) {
      throw new ConnectionError('not_connected', 'There is no connection to send on; call connect() first.');
    }
    if (this.#connection?.isWritable) {
      this.#connection.send(frame);
      return true;
    }
    const isHeld = this.#outbox.add(frame);
    if (isHeld) this.#update(this.#snapshot);
    else if (!this.#hasOverflowed) {
      this.#hasOverflowed = true;
      this.#events.emit(
        'error',
        new ConnectionError(
          'overflow',
          'The outbox is full; frames are refused until the connection is open.',
        ),
      );
    }
    return isHeld;
  }

  /** Sends the value as one text frame of JSON; see `send`. */
  sendJson(value: unknown): boolean {
    return this.send(JSON.stringify(value));
  }

  /** Returns the function that removes the listener. A listener that throws is reported as an uncaught error, later. */
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  once<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => void,
  ): () => void {
    return this.#events.once(name, listener);
  }

  off<Name extends keyof ClientEvents>(name: Name, listener: (payload: ClientEvents[Name]) => void): void {
    this.#events.off(name, listener);
  }

  /** Bound, so that it can be passed to an external store's reader. */
  readonly getSnapshot = (): ClientSnapshot => this.#snapshot;

  /** Calls back after every change of the snapshot; bound like `getSnapshot`. Returns the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => this.#events.on('snapshot', () => listener());

  #start(): void {
    this.#hasOpened = false;
    this.#ended = createDeferred();
    const { WebSocket = platformWebSocket(), token, scheduler } = this.#options;
    const tokens = createTokenSource(token, () => scheduler.now());
    this.#connection = new Connection({ ...this.#options, WebSocket, tokens }, this.#connectionListener());
    this.#connection.start();
  }

  #bindSignal(signal: AbortSignal, opened: Deferred): void {
    const abort = (): void => {
      opened.reject(signal.reason);
      void this.close();
    };
    const unbind = (): void => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort);
    opened.promise.then(unbind, unbind);
  }

  #connectionListener(): ConnectionListener {
    return {
      onMove: (change) => this.#update(change),
      onOpen: (attempt) => this.#onOpen(attempt),
      onStable: () => this.#outbox.forget(),
      onText: (text) => this.#events.emit('text', text),
      onBinary: (bytes) => this.#events.emit('binary', bytes),
      onClose: (close, refusal) => this.#onClose(close, refusal),
      onRetry: (retry) => this.#events.emit('reconnecting', retry),
      onEnd: (attempt, error) => this.#onEnd(attempt, error),
    };
  }

  #onOpen(attempt: number): void {
    const reconnected = this.#hasOpened;
    this.#hasOpened = true;
    this.#events.emit('open', { attempt, reconnected });
    if (this.#connection?.isWritable) {
      this.#outbox.flush((frame) => this.#connection?.send(frame));
      this.#hasOverflowed = false;
      this.#update(this.#snapshot);
    }
    this.#opened?.resolve();
  }

  #onClose(close: SocketClose, refusal: VoxError | undefined): void {
    const { code, reason, wasClean, hasSpoken } = close;
    // A refusing server reads nothing, so what was flushed into the socket can be sent again without being doubled.
    if (refusal && !hasSpoken && readClose(close).retry !== 'never') this.#outbox.restore();
    else this.#outbox.forget();
    this.#events.emit('close', { code, reason, wasClean });
    if (refusal) this.#events.emit('refused', refusal);
  }

  #onEnd(attempt: number, error: VoxError | undefined): void {
    const [opened, ended, mustRestart] = [this.#opened, this.#ended, this.#mustRestart];
    this.#connection = undefined;
    this.#outbox.clear();
    this.#hasOverflowed = this.#mustRestart = false;
    if (!mustRestart && !opened?.isSettled) opened?.reject(error ?? abortError());
    ended?.resolve();
    this.#update({ state: error ? 'failed' : 'closed', attempt, ...(error && { error }) });
    if (error) this.#events.emit('error', error);
    if (mustRestart && !this.#connection) this.#start();
  }

  #update(change: Omit<ClientSnapshot, 'bufferedBytes'>): void {
    const last = this.#snapshot;
    const { state, attempt, error, retryAt } = change;
    if (!mayMove(last.state, state)) throw new Error(`Illegal move from ${last.state} to ${state}.`);
    const isSameState =
      state === last.state && attempt === last.attempt && error === last.error && retryAt === last.retryAt;
    const bufferedBytes = this.#outbox.bytes;
    if (isSameState && bufferedBytes === last.bufferedBytes) return;
    this.#snapshot = Object.freeze({ ...change, bufferedBytes });
    this.#events.emit('snapshot', this.#snapshot);
    if (!isSameState) this.#events.emit('state', this.#snapshot);
  }
}

const abortError = (): DOMException => new DOMException('The client was closed.', 'AbortError');
