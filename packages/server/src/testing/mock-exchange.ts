/**
 * One call of a mock upstream, an HTTP request and its answer: what came in, and everything that a server may or may not
 * answer. It plays no scenario and judges no request; call-desk.ts and scenarios/ do.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { after, Changes } from './changes.ts';
import { Gate } from './gate.ts';
import type { HttpAnswer } from './http-answers.ts';
import type { MockRequest } from './mock-request.ts';
import type { Entry } from './upgrade-request.ts';
import type { CallAnswer, Payload, Turn } from './vendors/vendor.ts';

/** How an exchange ended. */
export interface ExchangeEnd {
  /** True when the whole answer was handed to the connection before it was gone. */
  readonly wasComplete: boolean;
}

/** What the vendor would answer; scenarios answer that, or something else. */
export interface ExchangeScript {
  readonly answer: (turn: Turn) => CallAnswer;
  readonly errorAnswer: (status: number, message: string) => HttpAnswer;
}

/** What an exchange is made of. */
export interface ExchangeParts {
  readonly id: number;
  readonly request: MockRequest;
  readonly secret: string;
  readonly script: ExchangeScript;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

export class MockExchange {
  readonly #parts: ExchangeParts;
  readonly #changes = new Changes();
  readonly #timers = new Set<() => void>();
  readonly #gate = new Gate();
  readonly #closed: Promise<ExchangeEnd>;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    const { response } = parts;
    this.#closed = new Promise((resolve) => {
      response.on('close', () => {
        for (const cancel of this.#timers) cancel();
        this.#changes.notify();
        resolve({ wasComplete: response.writableFinished });
      });
    });
  }

  /** Counts from 1 in the order of arrival. */
  get id(): number {
    return this.#parts.id;
  }

  /** The vendor's service that was called. */
  get service(): string {
    return this.#parts.request.service ?? 'unknown';
  }

  /** The request; its body is whole when a scenario gets the exchange. */
  get request(): MockRequest {
    return this.#parts.request;
  }

  /** The mock's secret, for scenarios that give it away. */
  get secret(): string {
    return this.#parts.secret;
  }

  /** What the vendor would answer. */
  get script(): ExchangeScript {
    return this.#parts.script;
  }

  /** True until the answer is complete, or the connection is gone. */
  get isOpen(): boolean {
    return !this.#parts.response.writableEnded && !this.#parts.response.closed;
  }

  /** Bytes of the answer that have not left this process, because the other side does not read. */
  get bufferedBytes(): number {
    const { response } = this.#parts;
    return response.writableLength + (response.socket?.writableLength ?? 0);
  }

  /** Resolves when the answer is complete or the connection is gone, whichever is first. Never rejects. */
  get closed(): Promise<ExchangeEnd> {
    return this.#closed;
  }

  /** Sends the head. Without a content length the body is sent in chunks (RFC 9112 7.1). */
  start(status: number, headers: readonly Entry[]): void {
    this.#parts.response.writeHead(status, 'Mock', headers.map(([name, value]) => [name, value]).flat());
    this.#parts.response.flushHeaders();
  }

  /** Sends a part of the body. False when the connection asks to wait for `drained()`, and when it is gone. */
  write(part: Payload): boolean {
    return this.isOpen && this.#parts.response.write(part, () => this.#changes.notify());
  }

  end(): void {
    if (this.isOpen) this.#parts.response.end();
  }

  /** Answers in full. A body in parts is streamed. */
  answer({ status, headers, body }: CallAnswer): void {
    if (!this.isOpen) return;
    const parts = partsOf(body);
    const isStream = Array.isArray(body);
    this.start(status, isStream ? headers : [...headers, lengthOf(parts)]);
    for (const part of parts) this.write(part);
    this.end();
  }

  /** Resolves when nothing waits in this process to be sent, or when the connection is gone. */
  async drained(): Promise<void> {
    const { response } = this.#parts;
    const probe = (): true | undefined => this.bufferedBytes === 0 || response.closed || undefined;
    await this.#changes.wait({ probe, what: () => 'the peer to read' }, { deadlineMs: Infinity });
  }

  /** Sends bytes as they are, beside the answer. */
  sendBytes(bytes: Buffer): void {
    this.#parts.response.socket?.write(bytes);
  }

  /** Ends this side of the connection, whatever the answer lacks. */
  endStream(): void {
    this.#parts.response.socket?.end();
  }

  /** Ends the connection at once by a TCP reset. */
  destroy(): void {
    this.#parts.socket.resetAndDestroy();
    this.#parts.incoming.destroy();
  }

  /** Resolves after `ms` milliseconds, or never if the exchange ends first. For scenarios that are about time. */
  delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = after(ms, () => {
        this.#timers.delete(cancel);
        resolve();
      });
      this.#timers.add(cancel);
    });
  }

  /** Resolves when the mock is told to `release()`, or never if the exchange ends first. */
  released(): Promise<void> {
    return this.#gate.opened();
  }

  /** Opens what waits for `released()`. */
  release(): void {
    this.#gate.open();
  }
}

/** The parts in which a body is sent. */
export function partsOf(body: CallAnswer['body']): readonly Payload[] {
  return typeof body === 'string' || Buffer.isBuffer(body) ? [body] : body;
}

/** The header that announces the bytes of all parts. */
export function lengthOf(parts: readonly Payload[]): Entry {
  return ['Content-Length', String(parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0))];
}
