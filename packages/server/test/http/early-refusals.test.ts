import { expect, test, type TestContext } from 'vitest';
import { asrUpload, deepgramRest } from '../../src/index.ts';
import { FILE, hasAnswer, MUCH, writeAllThenRead, writeUntil } from '../support/big-upload.ts';
import { eventually } from '../support/eventually.ts';
import { rawAnswer, startHttpBench, type HttpBench } from '../support/http-bench.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import type { RawClient } from '../support/raw-client.ts';

const LISTEN = '/deepgram/v1/listen';
const TRANSCRIBE = '/api/v1/asr/transcribe';
const KEY = 'upload-test-key-0123456789';

async function start(context: TestContext): Promise<HttpBench> {
  const { url } = await startHttpUpstream(context, (_response, _request, whole) => whole());
  const limits = { requestsPerWindow: 1, apiKey: KEY };
  const routes = {
    ...deepgramRest({ ...limits, baseUrl: url, maxAudioBytes: 1_000_000 }),
    ...asrUpload({ ...limits, url, maxFileBytes: 1_000_000 }),
  };
  return startHttpBench(context, { routes });
}

interface Upload {
  readonly path: string;
  readonly connection: 'close' | 'keep-alive';
  readonly type?: string;
  readonly token?: string;
  /** Declared, in bytes. Default `MUCH`. */
  readonly length?: number;
  /** Leaves the length undeclared, so that the bytes have to be counted. */
  readonly isChunked?: boolean;
}

/** Sends the head of an upload and its first bytes. */
function begin(bench: HttpBench, upload: Upload): Promise<RawClient> {
  const { path, connection, type, token, length = MUCH, isChunked } = upload;
  const own = path === LISTEN ? 'audio/wav' : 'multipart/form-data; boundary=x';
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${bench.port}`,
    `Authorization: Bearer ${token ?? bench.token()}`,
    `Connection: ${connection}`,
    `Content-Type: ${type ?? own}`,
    isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
  ];
  const first = isChunked ? `${MUCH.toString(16)}\r\n${FILE}` : FILE;
  return bench.raw(`${lines.join('\r\n')}\r\n\r\n${first}`);
}

/** Uses the one request up that a caller has. */
async function spend(bench: HttpBench, path: string): Promise<void> {
  await bench.post(path, {}, { 'Content-Type': 'text/html' });
}

const REFUSALS: readonly [number, Partial<Upload>][] = [
  [401, { token: 'wrong' }],
  [413, {}],
  [413, { isChunked: true }],
  [415, { type: 'text/html', isChunked: true }],
  [429, {}],
];
const ALL = REFUSALS.flatMap(([status, more]) =>
  [LISTEN, TRANSCRIBE].flatMap((path) =>
    (['keep-alive', 'close'] as const).map((connection) => [status, { path, connection, ...more }] as const),
  ),
);

test.for(ALL)('tells %i to a client that writes all before it reads: %o', async ([status, ask], context) => {
  const bench = await start(context);
  if (status === 429) await spend(bench, ask.path);
  const client = await begin(bench, ask);
  await writeAllThenRead(client, MUCH - FILE.length);
  expect((await rawAnswer(client)).status).toBe(status);
});

test.for(ALL)('tells %i to a client that writes until it is told: %o', async ([status, ask], context) => {
  const bench = await start(context);
  if (status === 429) await spend(bench, ask.path);
  const client = await begin(bench, ask);
  await writeUntil(client, () => hasAnswer(client));
  expect((await rawAnswer(client)).status).toBe(status);
});

test('cuts off a client that sends for ever', async (context) => {
  const bench = await start(context);
  const ask = { path: LISTEN, connection: 'keep-alive', length: 1e12, token: 'wrong' } as const;
  const client = await begin(bench, ask);
  const bytes = await writeUntil(client, () => false);
  expect((await rawAnswer(client)).status).toBe(401);
  expect(bytes).toBeGreaterThan(67_000_000);
  expect(bytes).toBeLessThan(90_000_000);
  await eventually(
    () => bench.clock.pending() === 0,
    () => 'the timers to end',
  );
});

test('serves the next request on a connection whose upload was refused', async (context) => {
  const bench = await start(context);
  const client = await begin(bench, { path: LISTEN, connection: 'keep-alive', token: 'wrong' });
  await rawAnswer(client);
  client.sendBytes(Buffer.alloc(MUCH - FILE.length));
  client.sendBytes('GET /health HTTP/1.1\r\nHost: here\r\n\r\n');
  await client.until(() => client.received.includes('"healthy"'), 'the next answer');
  expect(bench.clock.pending()).toBe(0);
});

test('ends a connection that is to close behind an answer to all that was sent', async (context) => {
  const bench = await start(context);
  const head = ['POST /deepgram/v1/speak HTTP/1.0', 'Content-Type: application/json', 'Content-Length: 2'];
  const client = await bench.raw(`${head.join('\r\n')}\r\nHost: here\r\n\r\n{}`);
  expect((await rawAnswer(client)).status).toBe(401);
  expect(await client.waitForClose()).toMatchObject({ wasReset: false });
});
