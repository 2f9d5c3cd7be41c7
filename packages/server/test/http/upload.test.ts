import express from 'express';
import { expect, test, type TestContext } from 'vitest';
import {
  asrUpload,
  createVoiceProxy,
  none,
  type AsrUploadOptions,
  type VoiceProxyOptions,
} from '../../src/index.ts';
import { serveApplication } from '../mount/serve-application.ts';
import { answerJson } from '../support/claude-script.ts';
import { eventually } from '../support/eventually.ts';
import { rawAnswer, rawPost, startHttpBench, toAnswer, type HttpBench } from '../support/http-bench.ts';
import { startHttpUpstream, type HttpUpstream, type UpstreamScript } from '../support/http-upstream.ts';
import { expectNoSecret } from '../support/secret-search.ts';

const PATH = '/api/v1/asr/transcribe';
const KEY = 'asr-test-key-0123456789';
type Body = NonNullable<RequestInit['body']>;

/** What stands before the audio in a form that is written by hand. */
const HEAD =
  '--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n';
const TRANSCRIPT = { text: 'good morning', duration_s: 1.5, inference_s: 0.2, lang: 'eng_Latn', lid_s: 0.1 };

const answering: UpstreamScript = async (response, request, whole) => {
  await whole();
  answerJson(200, { ...TRANSCRIPT, model: 'private-model' })(response, request, whole);
};

async function start(
  context: TestContext,
  script: UpstreamScript = answering,
  more: Partial<AsrUploadOptions> = {},
  proxy: Partial<VoiceProxyOptions> = {},
): Promise<{ bench: HttpBench; upstream: HttpUpstream }> {
  const upstream = await startHttpUpstream(context, script);
  const routes = asrUpload({ url: `${upstream.url}/private-path`, apiKey: KEY, ...more });
  return { bench: await startHttpBench(context, { routes, ...proxy }), upstream };
}

function formOf(audio: Buffer | string, type = 'audio/webm', field = 'file'): FormData {
  const form = new FormData();
  form.append(field, new Blob([audio], { type }), 'rec"ord\r\ning.webm');
  return form;
}

async function upload(bench: HttpBench, query: string, body: Body, headers: Record<string, string> = {}) {
  const bearer = { Authorization: `Bearer ${bench.token()}` };
  return toAnswer(
    await fetch(bench.url + PATH + query, {
      method: 'POST',
      body,
      headers: { ...bearer, ...headers },
      duplex: 'half',
    } as RequestInit),
  );
}

test('passes audio on and the transcript back, with the same token in both places', async (context) => {
  const { bench, upstream } = await start(context);
  const { status, body } = await upload(
    bench,
    `?source=codex&token=${bench.token()}&lang=eng_Latn`,
    formOf('sound'),
  );
  expect([status, body]).toEqual([200, TRANSCRIPT]);
  const [request] = upstream.requests;
  expect(request).toMatchObject({ method: 'POST', target: '/private-path?source=codex&lang=eng_Latn' });
  expect(request?.headers['authorization']).toBe(`Bearer ${KEY}`);
  const boundary = request?.headers['content-type']?.split('boundary=')[1] ?? '';
  expect(request?.body.toString()).toBe(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="audio.webm"\r\n` +
      `Content-Type: audio/webm\r\n\r\nsound\r\n--${boundary}--\r\n`,
  );
  await eventually(
    () => bench.logs.length === 1,
    () => 'a line in the log',
  );
  expect(bench.logs[0]).toMatchObject({
    status: 200,
    principal: 'alice',
    audioBytes: 5,
    durationS: 1.5,
    inferenceS: 0.2,
  });
  expect(JSON.stringify(bench.logs)).not.toMatch(/private|morning|token=/);
});

test('passes bytes on before the last ones have come', async (context) => {
  const { bench, upstream } = await start(context);
  const lines = ['Content-Type: multipart/form-data; boundary=x', `Content-Length: ${HEAD.length + 10 + 9}`];
  const client = await bench.raw(rawPost(bench, PATH, lines, `${HEAD}first`));
  await upstream.until(() => upstream.requests[0]?.body.includes('first') === true, 'the first bytes');
  client.sendBytes('later\r\n--x--\r\n');
  expect(await rawAnswer(client)).toMatchObject({ status: 200, body: TRANSCRIPT });
});

/** Audio without end in sight, and how much of it was taken. */
function pouring(totalBytes: number): { body: AsyncIterable<Uint8Array>; taken(): number } {
  let taken = 0;
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(HEAD);
    for (; taken < totalBytes; taken += 262_144) yield new Uint8Array(262_144);
    yield Buffer.from('\r\n--x--\r\n');
  }
  return { body: body(), taken: () => taken };
}

/** Resolves when a number has not changed for many turns of the loop. */
async function untilStill(probe: () => number): Promise<void> {
  for (let last = -1; last !== probe();) {
    last = probe();
    for (let turn = 0; turn < 300; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

test(
  'holds back a client when the service does not read, in bounded memory',
  { timeout: 20_000 },
  async (context) => {
    let go = (): void => {};
    const reads = new Promise<void>((resolve) => (go = resolve));
    const { bench, upstream } = await start(context, async (response, request, whole) => {
      response.req.pause();
      await reads;
      response.req.resume();
      await answering(response, request, whole);
    });
    const { body, taken } = pouring(50_000_000);
    const before = process.memoryUsage().rss;
    const answer = upload(bench, '', body as unknown as Body, {
      'Content-Type': 'multipart/form-data; boundary=x',
    });
    await upstream.until(() => upstream.requests.length === 1, 'the request');
    await untilStill(taken);
    expect(taken()).toBeLessThan(40_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(134_217_728);
    go();
    expect(await answer).toMatchObject({ status: 200 });
  },
);

test.for([
  ['no form', '', JSON.stringify({}), { 'Content-Type': 'application/json' }, 415],
  ['a form without boundary', '', 'x', { 'Content-Type': 'multipart/form-data' }, 400],
  [
    'a form that is broken off',
    '',
    '--x\r\nContent-Dis',
    { 'Content-Type': 'multipart/form-data; boundary=x' },
    400,
  ],
  ['a form that is none', '', 'hello', { 'Content-Type': 'multipart/form-data; boundary=x' }, 400],
  ['a form without the file', '', formOf('x', 'audio/webm', 'sound'), {}, 400],
  ['an empty file', '', formOf(''), {}, 400],
  ['a file that is no audio', '', formOf('<b>', 'text/html'), {}, 400],
  ['a source that is no name', '?source=a%20b', formOf('x'), {}, 400],
  ['a language that is none', '?lang=../x', formOf('x'), {}, 400],
  ['a wrong token', '', formOf('x'), { Authorization: 'Bearer x' }, 401],
  ['two different tokens', '?token=other', formOf('x'), {}, 400],
  ['a foreign origin', '', formOf('x'), { Origin: 'https://evil.test' }, 403],
] as [string, string, Body, Record<string, string>, number][])(
  'refuses %s, with words in `detail`',
  async ([, query, body, headers, expected], context) => {
    const { bench, upstream } = await start(context);
    const answer = await upload(bench, query, body, headers);
    expect([answer.status, answer.body]).toEqual([expected, { detail: expect.any(String) }]);
    expect(upstream.requests.every(({ isWhole }) => !isWhole)).toBe(true);
  },
);

test('refuses two files', async (context) => {
  const { bench } = await start(context);
  const form = formOf('one');
  form.append('file', new Blob(['two'], { type: 'audio/webm' }), 'two.webm');
  expect(await upload(bench, '', form)).toMatchObject({
    status: 400,
    body: { detail: 'The form has more than one file.' },
  });
});

test('leaves `auto` out, and asks for no language where none is given', async (context) => {
  const { bench, upstream } = await start(context);
  await upload(bench, '?lang=auto', formOf('x'));
  await upload(bench, '', formOf('x'));
  expect(upstream.requests.map(({ target }) => target)).toEqual(['/private-path', '/private-path']);
});

test('takes audio of exactly its limit, and refuses one byte more', async (context) => {
  const { bench, upstream } = await start(context, answering, { maxFileBytes: 100_000 });
  expect((await upload(bench, '', formOf(Buffer.alloc(100_000)))).status).toBe(200);
  const { status, body } = await upload(bench, '', formOf(Buffer.alloc(100_001)));
  expect([status, body]).toEqual([413, { detail: 'The body is larger than 100000 bytes.' }]);
  // Where all of it comes at once, the service need not have been asked.
  const seconds = (): typeof upstream.requests => upstream.requests.slice(1);
  await upstream.until(() => seconds().every(({ isGone }) => isGone), 'the service to be let go');
  expect(seconds().every(({ isWhole }) => !isWhole)).toBe(true);
});

test('refuses what declares too much before it comes', async (context) => {
  const { bench, upstream } = await start(context);
  const lines = ['Content-Type: multipart/form-data; boundary=x', 'Content-Length: 60000000'];
  const client = await bench.raw(rawPost(bench, PATH, lines, '--x\r\n'));
  expect(await rawAnswer(client)).toMatchObject({ status: 413, body: { detail: expect.any(String) } });
  bench.clock.advance(5_000);
  await client.waitForClose();
  expect(upstream.requests).toEqual([]);
});

test('gives an upload that stops no more than its time', async (context) => {
  const { bench, upstream } = await start(context, answering, {}, { auth: none() });
  const lines = ['Content-Type: multipart/form-data; boundary=x', 'Content-Length: 1000'];
  const client = await bench.raw(rawPost(bench, PATH, lines, `${HEAD}first`));
  await upstream.until(() => upstream.requests[0]?.body.includes('first') === true, 'the first bytes');
  bench.clock.advance(10_000);
  expect(await rawAnswer(client)).toMatchObject({ status: 408, body: { detail: expect.any(String) } });
  await upstream.until(() => upstream.requests[0]?.isGone === true, 'the service to be let go');
});

test('lets go of the service when the client leaves', async (context) => {
  const { bench, upstream } = await start(context);
  const lines = ['Content-Type: multipart/form-data; boundary=x', 'Content-Length: 1000'];
  const client = await bench.raw(rawPost(bench, PATH, lines, `${HEAD}first`));
  await upstream.until(() => upstream.requests[0]?.body.includes('first') === true, 'the first bytes');
  client.reset();
  await upstream.until(() => upstream.requests[0]?.isGone === true, 'the service to be let go');
  await eventually(
    () => bench.clock.pending() === 0,
    () => 'the timers to end',
  );
});

test('tells a service that takes too long as 504', async (context) => {
  const { bench, upstream } = await start(context, () => undefined);
  const answer = upload(bench, '', formOf('x'));
  await upstream.until(() => upstream.requests[0]?.isWhole === true, 'the request');
  await eventually(
    () => bench.clock.pending() === 2,
    () => 'the limits to run',
  );
  bench.clock.advance(60_000);
  expect(await answer).toMatchObject({ status: 504, body: { detail: expect.any(String) } });
});

test.for([
  [answerJson(500, { detail: `private ${KEY}` }), 502],
  [answerJson(401, { detail: `private ${KEY}` }), 502],
  [answerJson(429, { detail: `private ${KEY}` }, { 'Retry-After': '9' }), 429],
  [answerJson(200, { words: 'private' }), 502],
  [answerJson(200, { text: 'x', lang: '<private>' }), 502],
  [answerJson(200, { text: 'x', duration_s: 'private' }), 502],
  [(response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('private'), 502],
  [(response) => response.destroy(), 502],
] as [UpstreamScript, number][])(
  'tells what a service did wrong in its own words (%#)',
  async ([script, expected], context) => {
    const { bench } = await start(context, script);
    const { status, body, headers } = await upload(bench, '', formOf('x'));
    expect(status).toBe(expected);
    expect(Object.keys(body)).toContain('detail');
    expect(JSON.stringify([body, bench.logs])).not.toContain('private');
    expectNoSecret(KEY, [body, [...headers], bench.logs]);
  },
);

test('hides the key and the address of the service in a transcript', async (context) => {
  let told = '';
  const { bench, upstream } = await start(context, (...all) =>
    answerJson(200, { text: `${told} ${KEY}` })(...all),
  );
  told = `${upstream.url}/private-path`;
  expect((await upload(bench, '', formOf('x'))).body).toEqual({ text: '[redacted] [redacted]' });
});

test('streams in an Express application that parses bodies before', async (context) => {
  const upstream = await startHttpUpstream(context, answering);
  const proxy = createVoiceProxy({ auth: none(), routes: asrUpload({ url: upstream.url }), logger: false });
  context.onTestFinished(() => proxy.close());
  const app = express().use(express.json()).use(express.urlencoded()).use(proxy.handle);
  const application = await serveApplication(context, app);
  const response = await fetch(application.url(PATH), {
    method: 'POST',
    body: formOf(Buffer.alloc(3_000_000)),
  });
  expect([response.status, await response.json()]).toEqual([200, TRANSCRIPT]);
  expect(upstream.requests[0]?.body.length).toBeGreaterThan(3_000_000);
  expect(upstream.requests[0]?.headers['authorization']).toBeUndefined();
});
