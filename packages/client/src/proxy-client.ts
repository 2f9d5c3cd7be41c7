/** ProxyClient, the public object: joins token source, connection and outbox, and turns what happens into events and a snapshot. */
import { Connection, type ConnectionEvents, type ConnectionListener } from './connection/connection.ts';
import { Outbox, type Frame } from './connection/outbox.ts';
import { isLive, mayMove, type ClientSnapshot } from './connection/state.ts';
import { NORMAL_CLOSURE } from './contract.ts';
import { createDeferred, type Deferred } from './deferred.ts';
import { Emitter } from './emitter.ts';
import { ConnectionError, type VoxError } from './errors.ts';
import { resolveOptions, type ProxyClientOptions, type ResolvedOptions } from './options.ts';
import { createTokenSource } from './token/token-source.ts';

export interface ClientEvents extends ConnectionEvents {
  /** State, attempt, error or retryAt of the snapshot changed. */
  state: ClientSnapshot;
  /** The client failed for good, or `overflow`: a frame did not fit into the outbox. */
  error: VoxError;
}

type ClientListener<Name extends keyof ClientEvents> = (payload: ClientEvents[Name]) => void;

interface InnerEvents extends ClientEvents {
  /** Not told to `state` listeners: the outbox changes with every frame. */
  snapshot: ClientSnapshot;
}

export class ProxyClient {
  readonly #options: ResolvedOptions;
  readonly #events = new Emitter<InnerEvents>();
  readonly #outbox: Outbox;
  #snapshot: ClientSnapshot = Object.freeze({ state: 'idle', attempt: 0, bufferedBytes: 0 });
  #connection: Connection | undefined;
  /** What connect() waits for; gone once it is settled. */
  #opened: Deferred | undefined;
  /** What close() waits for. */
  #ended: Deferred | undefined;
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
  connect({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#connection?.isWritable) return Promise.resolve();
    const opened = (this.#opened ??= createDeferred());
    if (signal) this.#bindSignal(signal, opened);
    if (this.#snapshot.state === 'closing') this.#mustRestart = true;
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
    this.#mustRestart = false;
    this.#connection?.stop(code, reason);
    await ended?.promise;
  }

  /**
   * Sends a frame of the same kind, or holds a copy of it while the connection is being made.
   * @returns false when the outbox is full: the frame was not taken, and the first such frame of an outage is an `error`.
   * @throws ConnectionError `not_connected` before connect() and after the end.
   */
  send(frame: Frame): boolean {
    if (!isLive(this.#snapshot.state)) {
      throw new ConnectionError('not_connected', 'There is no connection; call connect() first.');
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
        new ConnectionError('overflow', 'The outbox is full; the frame was refused.'),
      );
    }
    return isHeld;
  }

  /** Sends the value as one text frame of JSON; see `send`. */
  sendJson(value: unknown): boolean {
    return this.send(JSON.stringify(value));
  }

  /** Returns the function that removes the listener. A listener that throws is reported as an uncaught error, later. */
  on<Name extends keyof ClientEvents>(name: Name, listener: ClientListener<Name>): () => void {
    return this.#events.on(name, listener);
  }

  once<Name extends keyof ClientEvents>(name: Name, listener: ClientListener<Name>): () => void {
    return this.#events.once(name, listener);
  }

  off<Name extends keyof ClientEvents>(name: Name, listener: ClientListener<Name>): void {
    this.#events.off(name, listener);
  }

  /** Bound, so that it can be passed to an external store's reader. */
  readonly getSnapshot = (): ClientSnapshot => this.#snapshot;

  /** Calls back after every change of the snapshot; bound like `getSnapshot`. Returns the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => this.#events.on('snapshot', () => listener());

  #start(): void {
    const options = this.#options;
    const tokens = createTokenSource(options, () => options.scheduler.now());
    this.#ended = createDeferred();
    this.#connection = new Connection({ ...options, tokens }, this.#connectionListener());
    this.#connection.start();
  }

  #bindSignal(signal: AbortSignal, opened: Deferred): void {
    const abort = (): void => {
      this.#takeOpened()?.reject(signal.reason);
      void this.close();
    };
    const unbind = (): void => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort);
    opened.promise.then(unbind, unbind);
  }

  #connectionListener(): ConnectionListener {
    return {
      emit: (name, payload) => this.#events.emit(name, payload as InnerEvents[typeof name]),
      onMove: (change) => this.#update(change),
      onOpen: () => this.#onOpen(),
      onSettled: (isUntaken) => (isUntaken ? this.#outbox.restore() : this.#outbox.forget()),
      onEnd: (attempt, error) => this.#onEnd(attempt, error),
    };
  }

  #onOpen(): void {
    this.#hasOverflowed = false;
    this.#outbox.flush((frame) => this.#connection?.send(frame));
    this.#update(this.#snapshot);
    this.#takeOpened()?.resolve();
  }

  #onEnd(attempt: number, error: VoxError | undefined): void {
    const mustRestart = this.#mustRestart;
    this.#connection = undefined;
    this.#outbox.clear();
    this.#hasOverflowed = this.#mustRestart = false;
    if (!mustRestart) this.#takeOpened()?.reject(error ?? abortError());
    this.#ended?.resolve();
    this.#update({ state: error ? 'failed' : 'closed', attempt, error });
    if (error) this.#events.emit('error', error);
    if (mustRestart && !this.#connection) this.#start();
  }

  /** The caller settles it. */
  #takeOpened(): Deferred | undefined {
    const opened = this.#opened;
    this.#opened = undefined;
    return opened;
  }

  #update({ state, attempt, error, retryAt }: Omit<ClientSnapshot, 'bufferedBytes'>): void {
    const last = this.#snapshot;
    const { bytes: bufferedBytes } = this.#outbox;
    if (!mayMove(last.state, state)) throw new Error(`Illegal move from ${last.state} to ${state}.`);
    const isSameState =
      state === last.state && attempt === last.attempt && error === last.error && retryAt === last.retryAt;
    if (isSameState && bufferedBytes === last.bufferedBytes) return;
    this.#snapshot = Object.freeze({ state, attempt, error, retryAt, bufferedBytes });
    this.#events.emit('snapshot', this.#snapshot);
    if (!isSameState) this.#events.emit('state', this.#snapshot);
  }
}

const abortError = (): DOMException => new DOMException('The client was closed.', 'AbortError');
