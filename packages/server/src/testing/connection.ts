/**
 * One TCP or TLS connection to a mock, up to its answer: collects the request's head, answers an upgrade as told, and
 * then leaves the bytes to the session; any other request is left to node:http from its first byte on.
 */
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import { acceptBytes, answerBytes, type HttpAnswer } from './http-answers.ts';
import type { MockSession } from './mock-session.ts';
import {
  headerValues,
  MAX_HEAD_BYTES,
  readUpgradeRequest,
  splitHead,
  type UpgradeRequest,
} from './upgrade-request.ts';

export interface ConnectionListener {
  onUpgrade(connection: Connection, request: UpgradeRequest): void;
  /** The connection is given away, with what has been read of it. */
  onCall(connection: Connection, bytes: Buffer): void;
  /** The other side sent something before the upgrade was answered, which RFC 6455 4.1 forbids. */
  onEarlyBytes(connection: Connection): void;
  /** Called once, when the connection is gone. */
  onGone(connection: Connection): void;
}

export class Connection {
  readonly socket: Socket;
  readonly stream: Duplex;
  /** The number of its request, once that has been read. */
  dial = 0;
  readonly #listener: ConnectionListener;
  #received: Buffer = Buffer.alloc(0);
  #request: UpgradeRequest | undefined;
  #session: MockSession | undefined;
  #isGone = false;

  constructor(socket: Socket, secureContext: SecureContext | undefined, listener: ConnectionListener) {
    this.socket = socket;
    this.#listener = listener;
    this.stream = secureContext ? new TLSSocket(socket, { isServer: true, secureContext }) : socket;
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    // A failure of the TLS stream need not reach the socket below.
    this.stream.on('error', () => socket.destroy());
    this.stream.on('data', this.#onBytes);
    this.stream.on('end', this.#onEnd);
    // Before the session's own listener, so that its waiters see a mock that no longer counts it.
    socket.on('close', () => this.#onGone());
  }

  get session(): MockSession | undefined {
    return this.#session;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Completes the handshake. What `play` sends at once travels in the same packet as the answer. */
  accept(session: MockSession, subprotocol: string | undefined, play: () => void): void {
    if (this.#isGone || !this.#request) return;
    this.#session = session;
    this.stream.cork();
    const [key = ''] = headerValues(this.#request.headers, 'sec-websocket-key');
    this.stream.write(acceptBytes(key, subprotocol));
    play();
    // Later than every promise that `play` has already resolved.
    setImmediate(() => this.stream.uncork());
  }

  /** Sends an HTTP answer, or bytes that are none, and ends the connection. */
  reject(answer: HttpAnswer | Buffer): void {
    this.stream.end(Buffer.isBuffer(answer) ? answer : answerBytes(answer));
  }

  destroy(): void {
    this.stream.destroy();
    this.socket.destroy();
  }

  readonly #onBytes = (chunk: Buffer): void => {
    // An open session reads for itself.
    if (this.#session) return;
    if (this.#request) this.#listener.onEarlyBytes(this);
    else this.#readHead(chunk);
  };

  readonly #onEnd = (): void => void this.stream.end();

  #readHead(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    const found = splitHead(this.#received);
    if (!found) {
      if (this.#received.length > MAX_HEAD_BYTES) this.destroy();
      return;
    }
    this.#request = readUpgradeRequest(found.head);
    if (headerValues(this.#request.headers, 'upgrade').length === 0) {
      this.stream.off('data', this.#onBytes);
      this.stream.off('end', this.#onEnd);
      this.#listener.onCall(this, this.#received);
      return;
    }
    this.#listener.onUpgrade(this, this.#request);
    if (found.rest.length === 0) return;
    this.#listener.onEarlyBytes(this);
    if (this.#session) this.stream.unshift(found.rest);
  }

  #onGone(): void {
    this.#isGone = true;
    this.#listener.onGone(this);
  }
}
