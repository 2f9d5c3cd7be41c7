/** A well-behaved client by the `ws` package that keeps what it receives. Nasty ones are raw-client.ts's. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { Changes, type Wait, type WaitOptions } from '../../src/testing/changes.ts';
import type { MockFrame } from '../../src/testing/message-reader.ts';
import type { TestCleanup } from './test-cleanup.ts';

export interface WsClientOptions {
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly origin?: string;
  /** A certificate to trust, PEM. */
  readonly ca?: string;
  /** Milliseconds for each wait. Default 4000. */
  readonly deadlineMs?: number;
}

export interface WsClose {
  readonly code: number;
  readonly reason: string;
}

/** The server answered the upgrade over plain HTTP. */
export class WsRefusal extends Error {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;

  constructor(response: IncomingMessage, body: string) {
    super(`the upgrade was refused with HTTP ${response.statusCode}`);
    this.name = 'WsRefusal';
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    this.body = body;
  }
}

/** Resolves when the socket is open. Rejects with a WsRefusal, or with the error that prevented the connection. */
export async function openWs(
  test: TestCleanup,
  url: string,
  options: WsClientOptions = {},
): Promise<WsClient> {
  const client = new WsClient(url, options);
  test.onTestFinished(() => client.socket.terminate());
  await client.opened();
  return client;
}

export class WsClient {
  readonly socket: WebSocket;
  /** Messages received, in order. */
  readonly frames: MockFrame[] = [];
  readonly #changes = new Changes();
  readonly #wait: WaitOptions;
  #close: WsClose | undefined;
  #failure: Error | undefined;

  constructor(url: string, { protocols = [], headers, origin, ca, deadlineMs }: WsClientOptions) {
    this.#wait = deadlineMs === undefined ? {} : { deadlineMs };
    this.socket = new WebSocket(url, [...protocols], {
      perMessageDeflate: false,
      ...(headers ? { headers } : {}),
      ...(origin === undefined ? {} : { origin }),
      ...(ca === undefined ? {} : { ca }),
    });
    this.socket.on('open', () => this.#changes.notify());
    this.socket.on('message', (payload: Buffer, isBinary) => {
      this.frames.push({ kind: isBinary ? 'binary' : 'text', payload });
      this.#changes.notify();
    });
    this.socket.on('unexpected-response', (_request, response) => this.#onRefusal(response));
    this.socket.on('error', (error) => this.#fail(error));
    this.socket.on('close', (code, reason) => {
      this.#close = { code, reason: reason.toString() };
      this.#changes.notify();
    });
  }

  /** The subprotocol that the server selected; empty for none. */
  get subprotocol(): string {
    return this.socket.protocol;
  }

  async opened(): Promise<void> {
    const probe = (): true | undefined =>
      this.socket.readyState === WebSocket.OPEN || this.#close || this.#failure ? true : undefined;
    await this.#until(probe, 'the socket to open');
    if (this.#failure && this.frames.length === 0 && this.socket.readyState !== WebSocket.OPEN)
      throw this.#failure;
  }

  /** The first message that fits, also an earlier one. */
  waitForFrame(fits: (frame: MockFrame) => boolean = () => true): Promise<MockFrame> {
    return this.#until(() => this.frames.find(fits), `a fitting frame; ${this.frames.length} others came`);
  }

  /** The first `count` messages. */
  async waitForFrames(count: number): Promise<readonly MockFrame[]> {
    const probe = (): true | undefined => this.frames.length >= count || undefined;
    await this.#until(probe, `${count} frames`);
    return this.frames.slice(0, count);
  }

  send(payload: string | Buffer): void {
    this.socket.send(payload);
  }

  /** Closes cleanly and resolves with what the server answered. */
  async close(code?: number, reason?: string): Promise<WsClose> {
    this.socket.close(code, reason);
    return this.waitForClose();
  }

  /** Resolves when the socket is gone: the server's code, 1005 for none, 1006 without a close frame. */
  waitForClose(): Promise<WsClose> {
    return this.#until(() => this.#close, 'the socket to close');
  }

  #until<T>(probe: Wait<T>['probe'], what: string): Promise<T> {
    return this.#changes.wait({ probe, what: () => what }, this.#wait);
  }

  #onRefusal(response: IncomingMessage): void {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => this.#fail(new WsRefusal(response, Buffer.concat(chunks).toString())));
    response.on('error', (error) => this.#fail(error));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#changes.notify();
  }
}
