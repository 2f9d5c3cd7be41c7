/**
 * One connection from connect() to its final end: token, attempt, wait, and again. Decisions come from retry.ts and
 * backoff.ts; frames, events and promises are the client's.
 */
import { ConnectionError, TimeoutError, VoxError } from '../errors.ts';
import type { ResolvedOptions } from '../options.ts';
import { placeToken } from '../token/token-placement.ts';
import type { TokenReason, TokenSource } from '../token/token-source.ts';
import { Attempt, type AttemptListener } from './attempt.ts';
import { delayOf, type Wait } from './backoff.ts';
import { toCloseError } from './close-error.ts';
import { GiveUpClock } from './give-up-clock.ts';
import type { NetworkChange } from './network.ts';
import type { Frame } from './outbox.ts';
import { EMPTY_TALLY, backOff, countClose, judgeClose, type Tally } from './retry.ts';
import { readClose, type SocketClose } from './socket-close.ts';
import type { ClientSnapshot, ClientState } from './state.ts';
import type { WebSocketConstructor } from './websocket-like.ts';

export interface ConnectionListener {
  onMove(snapshot: Omit<ClientSnapshot, 'bufferedBytes'>): void;
  onOpen(attempt: number): void;
  onStable(): void;
  onText(text: string): void;
  onBinary(bytes: ArrayBuffer): void;
  /** An open socket is gone. `refusal` is set when the server sent the client away rather than lost it. */
  onClose(close: SocketClose, refusal: VoxError | undefined): void;
  onRetry(retry: { attempt: number; delayMs: number; cause: VoxError }): void;
  /** Last call. */
  onEnd(attempt: number, error: VoxError | undefined): void;
}

export interface ConnectionParts extends Omit<ResolvedOptions, 'token' | 'outbox' | 'WebSocket'> {
  readonly tokens: TokenSource;
  readonly WebSocket: WebSocketConstructor | undefined;
}

/** How often in a row the token function may fail before that is final. */
const MAX_TOKEN_FAILURES = 3;

export class Connection {
  readonly #parts: ConnectionParts;
  readonly #listener: ConnectionListener;
  readonly #aborter = new AbortController();
  readonly #giveUpClock: GiveUpClock;
  #unwatch: () => void = () => {};
  #cancelTimer: () => void = () => {};
  #attempt: Attempt | undefined;
  #state: ClientState = 'idle';
  #tally: Tally = EMPTY_TALLY;
  #tokenFailures = 0;
  #tokenReason: TokenReason | undefined = 'initial';
  #error: VoxError | undefined;
  /** Whether the wait may be cut short; a wait that the server asked for may not. */
  #mayHurry = false;
  /** Each step takes a new number; a step that finds another number after a pause or a callback is stale and stops. */
  #step = 0;

  constructor(parts: ConnectionParts, listener: ConnectionListener) {
    this.#parts = parts;
    this.#listener = listener;
    const limitMs = parts.mayReconnect ? parts.policy.giveUpAfterMs : Infinity;
    this.#giveUpClock = new GiveUpClock(limitMs, parts.scheduler, () => this.#giveUp());
  }

  start(): void {
    this.#unwatch = this.#parts.network.watch((change) => this.#onNetwork(change));
    this.#authorize();
  }

  get isWritable(): boolean {
    return this.#state === 'open' && this.#attempt?.isWritable === true;
  }

  send(frame: Frame): void {
    this.#attempt?.send(frame);
  }

  /** Cuts a wait short, unless the server asked for it. */
  hurry(): void {
    if (this.#state === 'offline' || (this.#state === 'waiting' && this.#mayHurry)) this.#authorize();
  }

  /** Ends everything; at once where no socket is open, else after the closing handshake. */
  stop(code: number, reason: string): void {
    if (!this.#attempt?.hasOpened) return this.#end();
    if (this.#state === 'closing') return;
    this.#attempt.close(code, reason);
    this.#release();
    this.#move('closing');
  }

  #authorize(): void {
    const step = this.#nextStep();
    const { tokens } = this.#parts;
    this.#giveUpClock.run();
    this.#move('authorizing');
    if (this.#isStale(step)) return;
    const request = { attempt: this.#tally.attempt, signal: this.#aborter.signal };
    tokens.get(request, this.#tokenReason).then(
      (token) => this.#isStale(step) || this.#dial(token),
      (error: VoxError) => this.#isStale(step) || this.#onTokenFailure(error),
    );
  }

  #onTokenFailure(error: VoxError): void {
    this.#tokenFailures += 1;
    if (!error.retryable || !this.#parts.mayReconnect || this.#tokenFailures >= MAX_TOKEN_FAILURES) {
      return this.#end(error);
    }
    this.#tally = { ...this.#tally, attempt: this.#tally.attempt + 1 };
    this.#retry(backOff(this.#tally).wait, error);
  }

  #dial(token: string | undefined): void {
    const { WebSocket, target, tokenTransport, scheduler, connectTimeoutMs } = this.#parts;
    try {
      if (!WebSocket)
        throw new ConnectionError('no_websocket', 'No WebSocket here; pass the WebSocket option.');
      const parts = { WebSocket, scheduler, connectTimeoutMs };
      this.#attempt = new Attempt(placeToken(target, tokenTransport, token), parts, this.#attemptListener());
    } catch (error) {
      return this.#end(error as VoxError);
    }
    this.#tokenFailures = 0;
    this.#tokenReason = undefined;
    this.#move('connecting');
  }

  #attemptListener(): AttemptListener {
    return {
      onOpen: () => this.#onOpen(),
      onText: (text) => this.#listener.onText(text),
      onBinary: (bytes) => this.#listener.onBinary(bytes),
      onClose: (close) => this.#onClose(close),
    };
  }

  #onOpen(): void {
    const step = this.#nextStep();
    const { scheduler, policy } = this.#parts;
    this.#giveUpClock.pause();
    this.#cancelTimer = scheduler.after(policy.stableAfterMs, () => this.#onStable());
    this.#error = undefined;
    this.#move('open');
    if (!this.#isStale(step)) this.#listener.onOpen(this.#tally.attempt);
  }

  #onStable(): void {
    this.#giveUpClock.reset();
    this.#tally = EMPTY_TALLY;
    this.#listener.onStable();
    this.#move('open');
  }

  #onClose(close: SocketClose): void {
    const step = this.#nextStep();
    const isStopping = this.#state === 'closing';
    const { retry, isClean } = readClose(close);
    const error = isClean || isStopping ? undefined : toCloseError(close);
    this.#attempt = undefined;
    if (close.hasOpened) this.#listener.onClose(close, retry === 'back-off' ? undefined : error);
    if (this.#isStale(step)) return;
    if (!error) return this.#end();
    const { mayReconnect, tokens, policy } = this.#parts;
    this.#tally = countClose(this.#tally, close);
    const verdict = judgeClose(close, this.#tally, {
      canRenew: tokens.canRenew,
      maxRetryAfterMs: policy.maxRetryAfterMs,
    });
    if (!verdict.retry || !mayReconnect) return this.#end(error);
    this.#tokenReason = verdict.renew;
    this.#retry(verdict.wait, error);
  }

  #retry(wait: Wait, cause: VoxError): void {
    const { scheduler, policy, random } = this.#parts;
    const step = this.#nextStep();
    const delayMs = delayOf(wait, policy, random);
    this.#error = cause;
    this.#mayHurry = wait.kind !== 'stated';
    this.#giveUpClock.run();
    if (this.#mayHurry && this.#goOffline()) return;
    if (wait.kind !== 'none') {
      this.#cancelTimer = scheduler.after(delayMs, () => this.#goOffline() || this.#authorize());
      this.#move('waiting', scheduler.now() + delayMs);
      if (this.#isStale(step)) return;
    }
    this.#listener.onRetry({ attempt: this.#tally.attempt, delayMs, cause });
    if (wait.kind === 'none' && !this.#isStale(step)) this.#authorize();
  }

  /** True when there is no network to dial on; then the next attempt waits for it, and waiting is not trying. */
  #goOffline(): boolean {
    if (this.#parts.network.isOnline()) return false;
    this.#nextStep();
    this.#giveUpClock.pause();
    this.#move('offline');
    return true;
  }

  #onNetwork(change: NetworkChange): void {
    if (change !== 'offline') this.hurry();
    else if (this.#state === 'waiting' && this.#mayHurry) this.#goOffline();
  }

  #giveUp(): void {
    const cause = this.#error;
    const message = `Gave up after ${this.#tally.attempt} failed attempts. ${cause?.message ?? ''}`.trim();
    this.#end(new TimeoutError('gave_up', message, { retryable: true, cause }));
  }

  #end(error?: VoxError): void {
    this.#release();
    this.#attempt?.abandon();
    this.#attempt = undefined;
    this.#listener.onEnd(this.#tally.attempt, error);
  }

  #release(): void {
    this.#nextStep();
    this.#unwatch();
    this.#giveUpClock.pause();
    this.#aborter.abort();
  }

  #nextStep(): number {
    this.#cancelTimer();
    this.#step += 1;
    return this.#step;
  }

  #isStale(step: number): boolean {
    return step !== this.#step;
  }

  #move(state: ClientState, retryAt?: number): void {
    this.#state = state;
    this.#listener.onMove({
      state,
      attempt: this.#tally.attempt,
      ...(this.#error && { error: this.#error }),
      ...(retryAt !== undefined && { retryAt }),
    });
  }
}
