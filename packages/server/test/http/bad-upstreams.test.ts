import { expect, test } from 'vitest';
import { startClaude, QUESTION } from '../support/claude-bench.ts';
import { answerJson, CLAUDE_KEY, message } from '../support/claude-script.ts';
import { eventually } from '../support/eventually.ts';
import { startHttpUpstream, type UpstreamScript } from '../support/http-upstream.ts';
import { expectNoSecret } from '../support/secret-search.ts';

const failed = { error: 'Claude API error', message: expect.any(String) };

const odd: [title: string, script: UpstreamScript][] = [
  [
    'HTML',
    (response) => response.writeHead(500, { 'Content-Type': 'text/html' }).end(`<b>${CLAUDE_KEY}</b>`),
  ],
  ['HTML with 200', (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<b>hi</b>')],
  [
    'half of JSON',
    (response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"con'),
  ],
  ['another JSON', answerJson(200, { content: 'text' })],
  ['a list', answerJson(200, [])],
  [
    'less than it declares',
    (response) =>
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '99' }).write('{}') &&
      response.destroy(),
  ],
  ['nothing', (response) => response.destroy()],
  ['bytes that are no HTTP', (response) => response.socket?.end('no http\r\n\r\n')],
  [
    'another protocol',
    (response) =>
      response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  ],
  ['something encoded', answerJson(200, message('x'), { 'Content-Encoding': 'gzip' })],
];

test.for(odd)('tells an API that answers %s as 502', async ([, script], context) => {
  const { bench } = await startClaude(context, { script });
  const { status, body, headers } = await bench.post('/api/query', QUESTION);
  expect([status, body]).toEqual([502, failed]);
  expectNoSecret(CLAUDE_KEY, [body, [...headers], bench.logs]);
  await eventually(
    () => bench.clock.pending() === 0,
    () => 'the timers to end',
  );
});

test('hides the key in an answer and passes no header of the API on', async (context) => {
  const base64 = Buffer.from(CLAUDE_KEY).toString('base64');
  const script = answerJson(
    200,
    { ...message(`${CLAUDE_KEY}, ${base64}`), model: CLAUDE_KEY },
    { 'X-Echo': CLAUDE_KEY },
  );
  const { bench } = await startClaude(context, { script });
  const { status, body, headers } = await bench.post('/api/query', QUESTION);
  expect([status, headers.get('x-echo')]).toEqual([200, null]);
  expect(body['answer']).toMatch(/^\[redacted\], \[redacted\]/);
  expectNoSecret(CLAUDE_KEY, [body, [...headers], bench.logs]);
});

test('does not follow a redirect, and shows the key to nobody', async (context) => {
  const elsewhere = await startHttpUpstream(context, answerJson(200, message('x')));
  const script = answerJson(307, {}, { Location: `${elsewhere.url}/v1/messages` });
  const { bench } = await startClaude(context, { script });
  expect((await bench.post('/api/query', QUESTION)).status).toBe(502);
  expect(elsewhere.requests).toEqual([]);
});

test('takes no more than its limit of an answer that would be a gigabyte', async (context) => {
  let sent = 0;
  const script: UpstreamScript = (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    const chunk = Buffer.alloc(65_536, ' ');
    const pour = (): void => {
      while (sent < 1_073_741_824 && !response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', pour);
      }
    };
    pour();
  };
  const { bench, upstream } = await startClaude(context, { script });
  const before = process.memoryUsage().rss;
  expect((await bench.post('/api/query', QUESTION)).status).toBe(502);
  await upstream.until(() => upstream.requests[0]?.isGone === true, 'the API to be let go');
  expect(sent).toBeLessThan(33_554_432);
  expect(process.memoryUsage().rss - before).toBeLessThan(134_217_728);
});

test.for([
  ['never answers', () => undefined],
  [
    'stops in the middle',
    (response) => response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"a"'),
  ],
] as [string, UpstreamScript][])(
  'gives an API that %s no more than its time',
  async ([, script], context) => {
    const { bench, upstream } = await startClaude(context, { script });
    const answer = bench.post('/api/query', QUESTION);
    await upstream.until(() => upstream.requests[0]?.isWhole === true, 'the request');
    await eventually(
      () => bench.clock.pending() === 2,
      () => 'the limits to run',
    );
    bench.clock.advance(60_000);
    expect(await answer).toMatchObject({ status: 504, body: failed });
    await upstream.until(() => upstream.requests[0]?.isGone === true, 'the API to be let go');
    await eventually(
      () => bench.clock.pending() === 0,
      () => 'the timers to end',
    );
  },
);

test('tells an API that nobody can reach as 502', async (context) => {
  const { bench } = await startClaude(context, { claude: { baseUrl: 'http://127.0.0.1:1' } });
  expect(await bench.post('/api/query', QUESTION)).toMatchObject({ status: 502, body: failed });
});

test('does not dial what a name of the internet leads to when that is private', async (context) => {
  const { bench } = await startClaude(context, { claude: { baseUrl: 'https://10.0.0.1' } });
  expect(await bench.post('/api/query', QUESTION)).toMatchObject({ status: 502, body: failed });
  await eventually(
    () => bench.logs.length === 1,
    () => 'a line in the log',
  );
  expect(bench.logs[0]).toMatchObject({ why: 'the address of the upstream is not allowed' });
});
