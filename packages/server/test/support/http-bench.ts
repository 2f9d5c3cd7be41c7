/** A proxy with HTTP routes on loopback, its log, and requests to it: through fetch, and as raw bytes. */
import { pino } from 'pino';
import { createVoiceProxy, jwt, type VoiceProxy, type VoiceProxyOptions } from '../../src/index.ts';
import { JWT_SECRET, makeToken, type TokenShape } from './make-token.ts';
import { rawUpgrade, type RawClient } from './raw-client.ts';
import type { TestCleanup } from './test-cleanup.ts';
import { createTestClock, type TestClock } from './test-clock.ts';

export interface HttpBench {
  readonly proxy: VoiceProxy;
  readonly url: string;
  readonly port: number;
  readonly clock: TestClock;
  /** Lines of the log, in order. */
  readonly logs: Record<string, unknown>[];
  token(shape?: TokenShape): string;
  /** POSTs JSON with a good token, unless the headers say otherwise. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<JsonAnswer>;
  /** Writes bytes as they stand. */
  raw(request: string | Buffer): Promise<RawClient>;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function startHttpBench(
  test: TestCleanup,
  options: Partial<VoiceProxyOptions> & Pick<VoiceProxyOptions, 'routes'>,
): Promise<HttpBench> {
  const clock = createTestClock();
  const logs: Record<string, unknown>[] = [];
  const proxy = createVoiceProxy({
    auth: jwt({ secret: JWT_SECRET, algorithms: ['HS256'] }),
    clock,
    // Every level and no redaction: what the proxy hands to a logger must be clean by itself.
    logger: pino({ level: 'trace' }, { write: (line: string) => void logs.push(JSON.parse(line)) }),
    ...options,
  });
  test.onTestFinished(() => proxy.close());
  const { url, port } = await proxy.listen();
  const token = (shape?: TokenShape): string => makeToken({ nowMs: clock.now(), ...shape });
  return {
    ...{ proxy, url, port, clock, logs, token },
    async post(path, body, headers = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const bearer = { Authorization: `Bearer ${token()}`, 'Content-Type': 'application/json' };
      const init = { method: 'POST', body: text, headers: { ...bearer, ...headers } };
      return toAnswer(await fetch(url + path, init));
    },
    raw: (request) => rawUpgrade(test, { port, request }),
  };
}

export async function toAnswer(response: Response): Promise<JsonAnswer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text || '{}') };
}

/** A raw POST with a good token; the body is written as it stands. */
export function rawPost(
  bench: HttpBench,
  path: string,
  lines: readonly string[],
  body: string | Buffer,
): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${bench.port}`,
    `Authorization: Bearer ${bench.token()}`,
    ...lines,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}

/** The status and JSON body of an answer to a raw request, once all of it has come. */
export async function rawAnswer(client: RawClient): Promise<Omit<JsonAnswer, 'headers'>> {
  const { status, headers } = await client.response();
  const length = Number(headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? 0);
  const text = (): string => client.received.toString().split('\r\n\r\n').slice(1).join('\r\n\r\n');
  await client.until(() => Buffer.byteLength(text()) >= length, 'the whole answer');
  return { status, body: JSON.parse(text().slice(0, length) || '{}') };
}
