import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test, type TestContext } from 'vitest';
import { asrUpload, deepgramRest } from '../../src/index.ts';
import { FILE, hasAnswer, MUCH, writeAllThenRead, writeUntil } from '../support/big-upload.ts';
import { eventually } from '../support/eventually.ts';
import { rawAnswer, rawPost, startHttpBench, type HttpBench } from '../support/http-bench.ts';
import { headerOf, type RawClient } from '../support/raw-client.ts';

const LISTEN = '/deepgram/v1/listen';
const TRANSCRIBE = '/api/v1/asr/transcribe';
const KEY = 'upload-test-key-0123456789';
const BUSY = '{"err_code":"TOO_MANY_REQUESTS","err_msg":"wait"}';
const HEAD = 'HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nRetry-After: 7\r\n';
const ANSWER = `${HEAD}Content-Length: ${BUSY.length}\r\n\r\n${BUSY}`;

/** A provider that does as the test says with each connection, `atBytes` into a request, and reads no more of it. */
async function start(
  context: TestContext,
  atBytes: number,
  act: (socket: Socket) => void,
): Promise<HttpBench> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.on('data', function read() {
      if (socket.bytesRead < atBytes) return;
      socket.off('data', read).pause();
      act(socket);
    });
  }).listen(0, '127.0.0.1');
  context.onTestFinished(() => void server.close());
  context.onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const routes = {
    ...deepgramRest({ apiKey: KEY, baseUrl: url }),
    ...asrUpload({ apiKey: KEY, url, maxFileBytes: 50_000_000 }),
  };
  return startHttpBench(context, { routes });
}

function begin(bench: HttpBench, path: string): Promise<RawClient> {
  const type = path === LISTEN ? 'audio/wav' : 'multipart/form-data; boundary=x';
  return bench.raw(rawPost(bench, path, [`Content-Type: ${type}`, `Content-Length: ${MUCH}`], FILE));
}

/** Resets the connection once what was written has come: two turns of the loop, since the first may have been under way. */
const resetSoon = (socket: Socket) => (): void => {
  setImmediate(() => setImmediate(() => socket.resetAndDestroy()));
};

const ENDS: Record<string, (socket: Socket) => void> = {
  'and closes': (socket) => socket.end(ANSWER, () => socket.destroy()),
  'and resets the connection': (socket) => socket.write(ANSWER, resetSoon(socket)),
  'and never reads on': (socket) => void socket.write(ANSWER),
  'and breaks off in the middle of its words': (socket) =>
    socket.write(`${HEAD}Content-Length: 99\r\n\r\n{"err`, resetSoon(socket)),
};
const ALL = Object.keys(ENDS).flatMap((end) =>
  [LISTEN, TRANSCRIBE].flatMap((path) => [100, 1_000_000].map((at) => [end, path, at] as const)),
);

test.for(ALL)('tells of a provider that is busy %s: %s after %i bytes', async ([end, path, at], context) => {
  const bench = await start(context, at, (socket) => ENDS[end]?.(socket));
  const client = await begin(bench, path);
  await writeUntil(client, () => hasAnswer(client));
  const { status, body } = await rawAnswer(client);
  expect([status, headerOf(await client.response(), 'Retry-After')]).toEqual([429, '7']);
  if (path === LISTEN) expect(Object.keys(body)).toContain('err_msg');
  client.destroy();
  await eventually(
    () => bench.clock.pending() === 0,
    () => 'both connections to be let go',
  );
});

test.for(ALL.filter(([, , at]) => at === 100))(
  'lets go at once of a client that has sent no more meanwhile and leaves: %s: %s',
  async ([end, path, at], context) => {
    const bench = await start(context, at, (socket) => ENDS[end]?.(socket));
    const client = await begin(bench, path);
    client.sendBytes(Buffer.alloc(1_000));
    expect((await rawAnswer(client)).status).toBe(429);
    client.destroy();
    await eventually(
      () => bench.clock.pending() === 0,
      () => 'both connections to be let go',
    );
  },
);

test.for(['and closes', 'and never reads on'])('passes on what a provider says %s', async (end, context) => {
  const bench = await start(context, 1_000_000, (socket) => ENDS[end]?.(socket));
  const client = await begin(bench, LISTEN);
  await writeUntil(client, () => hasAnswer(client));
  expect((await rawAnswer(client)).body).toEqual(JSON.parse(BUSY));
});

test('passes on a good answer that comes early, from a provider that never reads on', async (context) => {
  const good = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';
  const bench = await start(context, 1_000_000, (socket) => void socket.write(good));
  const client = await begin(bench, LISTEN);
  await writeAllThenRead(client, MUCH - FILE.length);
  expect((await client.response()).status).toBe(200);
  await client.until(() => client.received.toString().endsWith('\r\n0\r\n\r\n'), 'the whole answer');
  await eventually(
    () => bench.clock.pending() === 0,
    () => 'the provider to be let go',
  );
});

test.for(ALL)('lets a client write all that is %s: %s after %i bytes', async ([end, path, at], context) => {
  const bench = await start(context, at, (socket) => ENDS[end]?.(socket));
  const client = await begin(bench, path);
  await writeAllThenRead(client, MUCH - FILE.length);
  const { status } = await rawAnswer(client);
  expect([status, headerOf(await client.response(), 'Retry-After')]).toEqual([429, '7']);
});
