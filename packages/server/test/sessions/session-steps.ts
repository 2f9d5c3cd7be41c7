/** Session mode over a raw client, in a few steps: ask, read the hello, come back, and send again what was not taken. */
import { CONTROL_BYTE, readControlFrame, toControlFrame, toSessionQuery } from '../../src/contract/index.ts';
import type { HelloFrame } from '../../src/contract/index.ts';
import type { MockFrame } from '../../src/testing/message-reader.ts';
import { type AbuseBench, ROUTE } from '../support/abuse-bench.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';

export interface Connection {
  readonly client: RawClient;
  readonly hello: HelloFrame;
}

export interface Asking {
  /** The value of `vp`. Default: asks for a new session. */
  readonly vp?: string;
  readonly route?: string;
  readonly token?: string;
}

const isControl = ({ kind, payload }: MockFrame): boolean => kind === 'text' && payload[0] === CONTROL_BYTE;

/** The messages that count, in order. */
export const dataOf = ({ messages }: RawClient): MockFrame[] =>
  messages.filter((message) => !isControl(message));

export const textsOf = (client: RawClient): string[] =>
  dataOf(client).map(({ payload }) => payload.toString('latin1'));

export const acksOf = ({ messages }: RawClient): unknown[] =>
  messages
    .filter(isControl)
    .map(({ payload }) => readControlFrame(payload.toString()))
    .flatMap((frame) => (frame?.type === 'ack' ? [frame['received']] : []));

/** Connects and reads the first frame, which must be a hello. */
export async function ask(bench: AbuseBench, asking: Asking = {}): Promise<Connection> {
  const { vp = toSessionQuery(), route = ROUTE, token = bench.token() } = asking;
  const client = await bench.upgrade({ target: `${route}?vp=${vp}&token=${token}` });
  const first = await client.waitForMessage();
  const hello = isControl(first) ? readControlFrame(first.payload.toString()) : undefined;
  if (hello?.type !== 'hello') throw new Error(`the first frame is no hello: ${first.payload.toString()}`);
  return { client, hello: hello as unknown as HelloFrame };
}

export function acknowledge({ client }: Connection, received: number): void {
  client.send(toControlFrame({ type: 'ack', received }));
}

/** Resolves when the client has this many messages that count. */
export const untilTaken = (client: RawClient, count: number): Promise<void> =>
  eventually(
    () => dataOf(client).length >= count,
    () => `${count} messages; ${dataOf(client).length} came`,
    4_000,
  );

/** Resolves when the log has this many lines with this text. */
export const untilLogged = ({ logs }: AbuseBench, text: string, count = 1): Promise<void> =>
  eventually(
    () => logs.filter((line) => line.includes(text)).length >= count,
    () => `${count} lines that say "${text}"`,
  );

/** A client that keeps count over all its connections. */
export class SessionClient {
  readonly #bench: AbuseBench;
  readonly #token: string;
  readonly #sent: (string | Buffer)[] = [];
  readonly #earlier: MockFrame[] = [];
  #now: Connection | undefined;

  constructor(bench: AbuseBench) {
    this.#bench = bench;
    this.#token = bench.token();
  }

  get connection(): Connection {
    if (!this.#now) throw new Error('not connected yet');
    return this.#now;
  }

  /** All messages that the client has, over all its connections. */
  get taken(): MockFrame[] {
    return [...this.#earlier, ...(this.#now ? dataOf(this.#now.client) : [])];
  }

  async open(): Promise<this> {
    this.#now = await ask(this.#bench, { token: this.#token });
    return this;
  }

  send(payload: string | Buffer): void {
    this.#sent.push(payload);
    this.connection.client.send(payload);
  }

  /** Cuts the connection, whatever is under way. */
  cut(): void {
    const { client } = this.connection;
    client.reset();
    this.#earlier.push(...dataOf(client));
  }

  /** Comes back and sends again what the server has not taken. */
  async comeBack(): Promise<HelloFrame> {
    const vp = toSessionQuery({ id: this.connection.hello.id, received: this.#earlier.length });
    this.#now = await ask(this.#bench, { vp, token: this.#token });
    const { hello, client } = this.#now;
    for (const payload of this.#sent.slice(hello.received)) client.send(payload);
    return hello;
  }
}
