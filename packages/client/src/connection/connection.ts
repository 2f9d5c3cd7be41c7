/**
 * One connection from connect() to its final end: token, attempt, wait, and again. Decisions come from retry.ts and
 * backoff.ts; held frames, listeners and promises are the client's.
 */
import { TimeoutError, type VoxError } from '../errors.ts';
import type { TokenReason, TokenSource } from '../token/token-source.ts';
import { Attempt, type AttemptListener, type AttemptParts } from './attempt.ts';
import { delayOf, type BackoffBounds, type Wait } from './backoff.ts';
import { toCloseError } from './close-error.ts';
import { GiveUpClock } from './give-up-clock.ts';
import type { Network, NetworkChange } from './network.ts';
import type { Frame } from './outbox.ts';
import { EMPTY_TALLY, backOff, countClose, judgeClose, type Tally } from './retry.ts';
import { readClose, type SocketClose } from './socket-close.ts';
import type { ClientSnapshot, ClientState } from './state.ts';

export interface ConnectionEvents {
  /**
   * A connection is open. What a listener sends before it returns goes out before the held frames, so that a first
   * message can open every connection. A server that refuses with an error frame opens first; `refused` follows.
   */
  open: { readonly attempt: number; readonly reconnected: boolean };
  text: string;
  binary: ArrayBuffer;
  /** One for each `open`, told before the state changes. */
  close: { readonly code: number; readonly reason: string; readonly wasClean: boolean };
  /** The server sent the client away; depending on the reason the client comes back by itself. */
  refused: VoxError;
  /** The next attempt starts in `delayMs`. */
  reconnecting: { readonly attempt: number; readonly delayMs: number; readonly cause: VoxError };
}

export interface ConnectionListener {
  emit<Name extends keyof ConnectionEvents>(name: Name, payload: ConnectionEvents[Name]): void;
  onMove(change: Omit<ClientSnapshot, 'bufferedBytes'>): void;
  /** After the `open` event, unless one of its listeners ended the connection. */
  onOpen(): void;
  /** What was sent since `onOpen` is now the server's, unless `isUntaken`: then it read none of it and may be sent it again. */
  onSettled(isUntaken: boolean): void;
  /** Last call. */
  onEnd(attempt: number, error: VoxError | undefined): void;
}

export interface ReconnectPolicy extends BackoffBounds {
  readonly mayReconnect: boolean;
  readonly giveUpAfterMs: number;
  readonly stableAfterMs: number;
  readonly maxRetryAfterMs: number;
}

export interface ConnectionParts extends AttemptParts {
  readonly tokens: TokenSource;
  readonly policy: ReconnectPolicy;
  readonly random: () => number;
  readonly network: Network;
}

/** How often in a row the token function may fail before that is final. */
const MAX_TOKEN_FAILURES = 3;

export class Connection implements AttemptListener {
  readonly #parts: ConnectionParts;
  readonly #listener: ConnectionListener;
  readonly #aborter = new AbortController();
  readonly #giveUpClock: GiveUpClock;
  #unwatch: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;
  #attempt: Attempt | undefined;
  #hasOpened = false;
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
    this.#giveUpClock = new GiveUpClock(parts.policy.giveUpAfterMs, parts.scheduler, () => this.#giveUp());
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

  /**
   * Ends everything; at once where no socket is open, else after the closing handshake.
   * @throws what the platform throws for a code or reason that may not be sent; then nothing has changed.
   */
  stop(code: number, reason: string): void {
    if (!this.#attempt?.hasOpened) return this.#end();
    if (this.#state === 'closing') return;
    this.#attempt.close(code, reason);
    this.#release();
    this.#move('closing');
  }

  onOpen(): void {
    const step = this.#nextStep();
    const { scheduler, policy } = this.#parts;
    const open = { attempt: this.#tally.attempt, reconnected: this.#hasOpened };
    this.#hasOpened = true;
    this.#error = undefined;
    this.#giveUpClock.pause();
    this.#cancelTimer = scheduler.after(policy.stableAfterMs, () => this.#onStable());
    this.#move('open');
    if (this.#isStale(step)) return;
    this.#listener.emit('open', open);
    if (!this.#isStale(step)) this.#listener.onOpen();
  }

  onFrame(frame: string | ArrayBuffer): void {
    if (typeof frame === 'string') this.#listener.emit('text', frame);
    else this.#listener.emit('binary', frame);
  }

  onClose(close: SocketClose): void {
    const step = this.#nextStep();
    const error = this.#state === 'closing' || readClose(close).isClean ? undefined : toCloseError(close);
    this.#attempt = undefined;
    if (close.hasOpened) this.#reportClose(close, error);
    if (this.#isStale(step)) return;
    if (!error) return this.#end();
    const { policy, tokens } = this.#parts;
    this.#tally = countClose(this.#tally, close);
    const verdict = judgeClose(close, this.#tally, { ...policy, canRenew: tokens.canRenew });
    if (!verdict.retry) return this.#end(error);
    this.#tokenReason = verdict.renew;
    this.#retry(verdict.wait, error);
  }

  #reportClose(close: SocketClose, error: VoxError | undefined): void {
    const { code, reason, wasClean } = close;
    const { retry } = readClose(close);
    this.#listener.onSettled(!close.hasSpoken && (retry === 'new-credential' || retry === 'after-wait'));
    this.#listener.emit('close', { code, reason, wasClean });
    if (error && retry !== 'back-off') this.#listener.emit('refused', error);
  }

  #authorize(): void {
    const step = this.#nextStep();
    this.#giveUpClock.run();
    this.#move('authorizing');
    if (this.#isStale(step)) return;
    const request = { attempt: this.#tally.attempt, signal: this.#aborter.signal };
    this.#parts.tokens
      .get(request, this.#tokenReason)
      .then((target) => {
        if (this.#isStale(step)) return;
        this.#attempt = new Attempt(target, this.#parts, this);
        this.#tokenFailures = 0;
        this.#move('connecting');
      })
      .catch((error: VoxError) => {
        if (!this.#isStale(step)) this.#onFailure(error);
      });
  }

  /** No token, or no socket to be had from the platform. */
  #onFailure(error: VoxError): void {
    this.#tokenFailures += 1;
    const { mayReconnect } = this.#parts.policy;
    if (!error.retryable || !mayReconnect || this.#tokenFailures >= MAX_TOKEN_FAILURES)
      return this.#end(error);
    this.#tally = { ...this.#tally, attempt: this.#tally.attempt + 1 };
    this.#retry(backOff(this.#tally), error);
  }

  #onStable(): void {
    this.#giveUpClock.reset();
    this.#tally = EMPTY_TALLY;
    this.#listener.onSettled(false);
    this.#move('open');
  }

  #retry(wait: Wait, cause: VoxError): void {
    const step = this.#nextStep();
    const { scheduler, policy, random } = this.#parts;
    const delayMs = Math.round(delayOf(wait, policy, random));
    this.#error = cause;
    this.#mayHurry = wait.kind !== 'stated';
    this.#giveUpClock.run();
    if (this.#mayHurry && this.#goOffline()) return;
    this.#cancelTimer = scheduler.after(delayMs, () => this.#goOffline() || this.#authorize());
    this.#move('waiting', scheduler.now() + delayMs);
    if (this.#isStale(step)) return;
    this.#listener.emit('reconnecting', { attempt: this.#tally.attempt, delayMs, cause });
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
    const message = `Gave up after ${this.#tally.attempt} failed attempts: ${cause?.message ?? 'no answer.'}`;
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
    this.#unwatch?.();
    this.#giveUpClock.pause();
    this.#aborter.abort();
  }

  #nextStep(): number {
    this.#cancelTimer?.();
    return ++this.#step;
  }

  #isStale(step: number): boolean {
    return step !== this.#step;
  }

  #move(state: ClientState, retryAt?: number): void {
    this.#state = state;
    this.#listener.onMove({ state, attempt: this.#tally.attempt, error: this.#error, retryAt });
  }
}
