/** Answers of which a client gets, or takes, a part only. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { QUESTION, startClaude } from '../support/claude-bench.ts';
import { answering, deltaText, startText } from '../support/claude-script.ts';
import { eventually } from '../support/eventually.ts';
import { rawPost, type HttpBench } from '../support/http-bench.ts';
import type { UpstreamScript } from '../support/http-upstream.ts';
import { ASKED, MESSAGES, startRestScript } from '../support/rest-bench.ts';

const LEAST_MS = 30_000;
const BIG = 40_000_000;

/** A client that has been answered much, and has not read it. */
async function startUnread(context: Parameters<typeof startClaude>[0]) {
  const script = answering('x'.repeat(BIG));
  const { bench, upstream } = await startClaude(context, { script, claude: { maxAnswerBytes: 60_000_000 } });
  const client = connect(bench.port, '127.0.0.1');
  context.onTestFinished(() => void client.destroy());
  client.on('error', () => undefined);
  client.pause();
  const body = JSON.stringify(QUESTION);
  const lines = ['Content-Type: application/json', `Content-Length: ${body.length}`];
  client.write(rawPost(bench, '/api/query', lines, body));
  await eventually(
    () => upstream.requests[0]?.isGone === true && bench.clock.pending() === 1,
    () => 'the answer to wait for its reader alone',
    10_000,
  );
  return { bench, client };
}

const isLogged = (bench: HttpBench): Promise<void> =>
  eventually(
    () => bench.logs.length === 1,
    () => 'the line in the log',
  );

test('a client that does not read a whole answer is let go, at the latest by the slowest pace', async (context) => {
  const { bench } = await startUnread(context);
  bench.clock.advance(LEAST_MS + BIG / 17);
  expect(bench.logs).toEqual([]);
  bench.clock.advance(BIG);
  await isLogged(bench);
  expect(bench.logs).toMatchObject([{ status: 499, why: 'the client does not read' }]);
  expect(bench.clock.pending()).toBe(0);
});

test('a client that does not read a whole answer holds no drain up', async (context) => {
  const { bench } = await startUnread(context);
  const drained = bench.proxy.drain(1_000);
  bench.clock.advance(1_000);
  await drained;
  await isLogged(bench);
  expect(bench.clock.pending()).toBe(0);
});

test('a client that reads a whole answer slowly gets all of it', async (context) => {
  const { bench, client } = await startUnread(context);
  bench.clock.advance(LEAST_MS);
  let bytes = 0;
  client.on('data', ({ length }) => (bytes += length)).resume();
  await eventually(
    () => bytes > BIG && bench.clock.pending() === 0,
    () => `the rest; ${bytes} bytes have come`,
  );
});

const breaking: UpstreamScript = async (response, _, whole) => {
  await whole();
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(startText() + deltaText('Half of it'), () => response.destroy());
};

test.for(['1.0', '1.1'])(
  'an answer that its provider breaks off is no whole one to a client of HTTP/%s, and an error in the log',
  async (version, context) => {
    const { bench } = await startRestScript(context, breaking);
    const body = JSON.stringify({ ...ASKED, stream: true });
    const lines = ['Content-Type: application/json', 'Connection: close', `Content-Length: ${body.length}`];
    const request = rawPost(bench, MESSAGES, lines, body).toString().replace('HTTP/1.1', `HTTP/${version}`);
    const client = await bench.raw(request);
    const { wasReset } = await client.waitForClose();
    const text = client.received.toString();
    expect(text).toContain('Half of it');
    // A client of HTTP/1.1 misses the last chunk.
    expect([wasReset, text.endsWith('\r\n0\r\n\r\n')]).toEqual([version === '1.0', false]);
    await isLogged(bench);
    expect(bench.logs).toMatchObject([
      { status: 502, level: 40, why: expect.stringContaining('ECONNRESET') },
    ]);
  },
);

test.for(['1.0', '1.1'])(
  'an answer that its provider breaks off ends over a socket of this machine alone too, by HTTP/%s',
  async (version, context) => {
    const { bench } = await startRestScript(context, breaking);
    const application = createServer((request, response) => bench.proxy.handle(request, response));
    const folder = mkdtempSync(join(tmpdir(), 'voxproxy-test-'));
    context.onTestFinished(() => {
      application.close();
      rmSync(folder, { recursive: true });
    });
    application.listen(join(folder, 'socket'));
    await once(application, 'listening');
    const client = connect(join(folder, 'socket'));
    const body = JSON.stringify({ ...ASKED, stream: true });
    const lines = ['Content-Type: application/json', `Content-Length: ${body.length}`];
    client.write(rawPost(bench, MESSAGES, lines, body).toString().replace('HTTP/1.1', `HTTP/${version}`));
    client.resume();
    await once(client, 'close');
    await isLogged(bench);
    expect(bench.logs).toMatchObject([{ status: 502 }]);
  },
);
