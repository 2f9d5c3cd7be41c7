/**
 * Opens the connection to an upstream: one try, one time limit over all of it, our own handshake, no redirects, no
 * extensions. Says in fixed words why it failed. What is sent over it is left to the leg that takes the socket over.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import { acceptDigestOf } from '../leg/accept-digest.ts';
import { ReadBuffer } from '../leg/read-buffer.ts';
import type { StopSignal } from '../stop-signal.ts';
import {
  checkAnswer,
  connectionFailed,
  createStopWords,
  dialCancelled,
  noAnswerInTime,
  type Expected,
} from './answer-check.ts';
import { AnswerReader, type Reading } from './answer-head.ts';
import type { Connector } from './connector.ts';
import { parseUpstreamUrl, toRequestHead, type UpstreamHandshake } from './request-head.ts';

/** An open WebSocket connection. Its socket has a listener for errors; it may have gone since. */
export interface OpenedUpstream {
  readonly socket: Duplex;
  /** What came behind the handshake. */
  readonly head: Buffer;
  /** What the socket reads into, for the next reader. */
  readonly reads: ReadBuffer;
}

export interface OpenLimits {
  /** Time for all of it, from the name's resolution to the answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: StopSignal;
}

/**
 * Rejects with a ProxyError; the socket is then gone. `UpstreamTimeout` at the time limit, `UpstreamAuth` when the key is
 * refused, `Internal` when the signal aborts or the request cannot be sent, otherwise `UpstreamUnavailable`.
 */
export type OpenUpstream = (handshake: UpstreamHandshake, limits: OpenLimits) => Promise<OpenedUpstream>;

/** A peer that has gone without a word is noticed by TCP when nothing passes for this long. */
const KEEP_ALIVE_MS = 30_000;
/** RFC 6455 4.1. */
const KEY_BYTES = 16;

export function createOpenUpstream(clock: Clock, connector: Connector): OpenUpstream {
  return (handshake, limits) =>
    new Promise((resolve, reject) => {
      if (limits.signal.aborted) throw dialCancelled();
      const url = parseUpstreamUrl(handshake.url);
      const key = randomBytes(KEY_BYTES).toString('base64');
      const request = toRequestHead(url, key, handshake);
      const expected = { accept: acceptDigestOf(key), subprotocols: handshake.subprotocols };
      new Opening({ connector, url, request, expected, resolve, reject }).begin(clock, limits);
    });
}

interface OpeningParts {
  readonly connector: Connector;
  readonly url: URL;
  /** The request's head; it holds the key. */
  readonly request: string;
  readonly expected: Expected;
  readonly resolve: (opened: OpenedUpstream) => void;
  readonly reject: (error: ProxyError) => void;
}

/** One connection until it is open or has failed; nothing refers to it afterwards. */
class Opening {
  readonly #parts: OpeningParts;
  readonly #socket: Socket;
  readonly #reads = new ReadBuffer();
  readonly #reader = new AnswerReader();
  #signal: StopSignal | undefined;
  #cancelTimer: (() => void) | undefined;
  #toStopWords = dialCancelled;
  #isSecured = false;

  /** @throws ProxyError when the address in the URL may not be dialled. */
  constructor(parts: OpeningParts) {
    this.#parts = parts;
    this.#socket = parts.connector.connect(parts.url, this.#reads);
  }

  begin(clock: Clock, { timeoutMs, signal }: OpenLimits): void {
    const isEncrypted = this.#parts.url.protocol === 'wss:';
    this.#signal = signal;
    this.#socket.on('connect', onConnect);
    // Not before the certificate is checked: the request holds the key.
    this.#socket.on(isEncrypted ? 'secureConnect' : 'connect', this.#onReady);
    this.#reads.reader = this.#onRead;
    this.#socket.on('error', this.#onError);
    this.#socket.on('end', this.#onEnd);
    this.#socket.on('close', this.#onEnd);
    signal.addEventListener('abort', this.#onAbort);
    this.#cancelTimer = clock.after(timeoutMs, this.#onTimeout);
    this.#toStopWords = createStopWords(clock, timeoutMs, signal);
  }

  readonly #onReady = (): void => {
    this.#isSecured = true;
    this.#socket.write(this.#parts.request, 'latin1');
  };

  readonly #onRead = (chunk: Buffer): boolean => {
    const reading = this.#reader.push(chunk);
    if (reading !== undefined) this.#finish(reading);
    return true;
  };

  #finish(reading: NonNullable<Reading>): void {
    if (typeof reading === 'string') {
      this.#fail(connectionFailed(`bad handshake: ${reading}`));
      return;
    }
    const refusal = checkAnswer(reading.answer, this.#parts.expected);
    if (refusal) {
      this.#fail(refusal);
      return;
    }
    this.#settle();
    // A copy, since the memory is read into again: all of it, so that the first frame has room.
    const head = Buffer.from(reading.rest);
    this.#parts.resolve({ socket: this.#socket, head, reads: this.#reads });
  }

  readonly #onError = (error: Error & { code?: string }): void => {
    this.#forgetSession();
    // Only the error's code is kept: its text can hold the host or the address.
    this.#fail(error instanceof ProxyError ? error : connectionFailed(error.code ?? 'no code'));
  };

  readonly #onEnd = (): void => {
    this.#forgetSession();
    this.#fail(connectionFailed('closed without an answer'));
  };

  /** A TLS session may be why the handshake failed. */
  #forgetSession(): void {
    if (!this.#isSecured) this.#parts.connector.forgetSession(this.#parts.url);
  }

  readonly #onAbort = (): void => this.#fail(this.#toStopWords());

  readonly #onTimeout = (): void => this.#fail(noAnswerInTime());

  #fail(error: ProxyError): void {
    this.#settle();
    this.#socket.destroy();
    this.#parts.reject(error);
  }

  /** Leaves the socket to its next owner, or to its end. */
  #settle(): void {
    this.#cancelTimer?.();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#socket.on('error', ignore);
    this.#socket.removeAllListeners('session');
    this.#socket.off('connect', onConnect);
    this.#socket.off('connect', this.#onReady);
    this.#socket.off('secureConnect', this.#onReady);
    this.#reads.reader = undefined;
    this.#socket.off('error', this.#onError);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onEnd);
  }
}

function onConnect(this: Socket): void {
  this.setNoDelay(true);
  this.setKeepAlive(true, KEEP_ALIVE_MS);
}

/** A socket without it takes the process with it; `close` tells the next owner of the end. */
function ignore(): void {}
