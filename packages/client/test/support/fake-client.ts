/** Stands in for ProxyClient: a test plays the server's part, and reads what was sent. */
import type { ClientSnapshot } from '../../src/connection/state.ts';
import { Emitter } from '../../src/emitter.ts';
import type { VoxError } from '../../src/errors.ts';
import type { ProxyClientOptions } from '../../src/options.ts';
import type { ClientEvents, ProxyClient } from '../../src/proxy-client.ts';
import { withDeadline } from './with-deadline.ts';

type Sent = string | Uint8Array;

export class FakeClient {
  readonly options: ProxyClientOptions;
  /** Frames of each connection, in order. */
  readonly connections: Sent[][] = [];
  readonly #events = new Emitter<ClientEvents>();
  #snapshot: ClientSnapshot = { state: 'idle', attempt: 0, bufferedBytes: 0 };
  #settle: { resolve: () => void; reject: (reason: unknown) => void } | undefined;
  #promise: Promise<void> | undefined;

  constructor(options: ProxyClientOptions) {
    this.options = options;
  }

  get sent(): Sent[] {
    return this.connections.at(-1) ?? [];
  }

  /** The messages of the last connection, parsed. */
  get messages(): { type: string; [field: string]: unknown }[] {
    return this.sent.filter((frame) => typeof frame === 'string').map((text) => JSON.parse(text));
  }

  readonly getSnapshot = (): ClientSnapshot => this.#snapshot;

  connect(): Promise<void> {
    if (this.#promise) return this.#promise;
    this.#promise = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#move('connecting');
    return this.#promise;
  }

  async close(): Promise<void> {
    if (['idle', 'closed', 'failed'].includes(this.#snapshot.state)) return;
    this.#settle?.reject(new DOMException('closed', 'AbortError'));
    this.#end('closed');
  }

  send(frame: Sent): boolean {
    if (this.#snapshot.state !== 'open') throw new Error('sent while not open');
    this.sent.push(frame);
    return true;
  }

  sendJson(value: unknown): boolean {
    return this.send(JSON.stringify(value));
  }

  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /** The server accepts. */
  open(): void {
    this.connections.push([]);
    this.#move('open');
    this.#events.emit('open', { attempt: 0, reconnected: this.connections.length > 1 });
    this.#settle?.resolve();
  }

  say(message: object | string): void {
    this.#events.emit('text', typeof message === 'string' ? message : JSON.stringify(message));
  }

  sound(...bytes: number[]): void {
    this.#events.emit('binary', new Uint8Array(bytes).buffer);
  }

  /** The connection is lost, and the client is going to dial again. */
  lose(error?: VoxError): void {
    this.#move('waiting', error);
  }

  /** The server closes for good. */
  end(error?: VoxError): void {
    this.#end(error ? 'failed' : 'closed', error);
    if (error) this.#events.emit('error', error);
  }

  #end(state: 'closed' | 'failed', error?: VoxError): void {
    this.#promise = undefined;
    this.#move(state, error);
  }

  #move(state: ClientSnapshot['state'], error?: VoxError): void {
    this.#snapshot = Object.freeze({ state, attempt: 0, bufferedBytes: 0, ...(error && { error }) });
    this.#events.emit('state', this.#snapshot);
  }
}

export interface FakeClients {
  readonly made: readonly FakeClient[];
  readonly createClient: (options: ProxyClientOptions) => ProxyClient;
  /** Resolves with the next one to be made. */
  readonly next: () => Promise<FakeClient>;
}

/** A maker of clients for a session, and what it made. */
export function createFakeClients(): FakeClients {
  const made: FakeClient[] = [];
  const waiting: ((client: FakeClient) => void)[] = [];
  return {
    made,
    createClient(options) {
      const client = new FakeClient(options);
      made.push(client);
      for (const resolve of waiting.splice(0)) resolve(client);
      return client as unknown as ProxyClient;
    },
    next: () => withDeadline('a client', (resolve) => waiting.push(resolve)),
  };
}
