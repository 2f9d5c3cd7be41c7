import type { ServerResponse } from 'node:http';
import express from 'express';
import { expect, test } from 'vitest';
import { claude, createVoiceProxy, none } from '../../src/index.ts';
import { serveApplication } from '../mount/serve-application.ts';
import { QUESTION, startClaude } from '../support/claude-bench.ts';
import * as api from '../support/claude-script.ts';
import { eventually } from '../support/eventually.ts';
import { rawAnswer, rawPost, type HttpBench } from '../support/http-bench.ts';
import { startHttpUpstream, type UpstreamScript } from '../support/http-upstream.ts';
import type { RawClient } from '../support/raw-client.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import { writeUntilHeld } from '../support/slow-reader.ts';

const { CLAUDE_KEY, MODEL } = api;

/** An API that has begun to answer, for the test to go on with. */
function beginning(): { script: UpstreamScript; begun: Promise<ServerResponse> } {
  let tell: (response: ServerResponse) => void;
  const begun = new Promise<ServerResponse>((resolve) => (tell = resolve));
  const script: UpstreamScript = (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(api.startText());
    tell(response);
  };
  return { script, begun };
}

/** Asks for events over a bare socket. */
function ask(bench: HttpBench): Promise<RawClient> {
  const body = JSON.stringify({ ...QUESTION, stream: true });
  const lines = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`];
  return bench.raw(rawPost(bench, '/api/query', lines, body));
}

const has = (client: RawClient, text: string) => () => client.received.includes(text);

async function eventsOf(response: Response): Promise<[string, unknown][]> {
  const blocks = (await response.text()).split('\n\n').filter((block) => block !== '');
  return blocks.map((block) => {
    const [, event = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
    return [event, JSON.parse(data)];
  });
}

const DONE = { usage: { input_tokens: 25, output_tokens: 15 }, model: MODEL };

test.for([
  ['the body', { stream: true }, {}],
  ['the Accept header', {}, { Accept: 'application/json;q=0.1, Text/Event-Stream; q=0.9' }],
] as const)('answers with events when %s asks for them', async ([, more, headers], context) => {
  const { bench, upstream } = await startClaude(context);
  const response = await fetch(`${bench.url}/api/query`, {
    method: 'POST',
    body: JSON.stringify({ ...QUESTION, ...more }),
    headers: { Authorization: `Bearer ${bench.token()}`, 'Content-Type': 'application/json', ...headers },
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
  expect(await eventsOf(response)).toEqual([
    ['delta', { text: 'MRR is 92,148.74.' }],
    ['done', DONE],
  ]);
  expect(JSON.parse(upstream.requests[0]?.body.toString() ?? '{}').stream).toBe(true);
  await eventually(
    () => bench.logs.length === 1,
    () => 'a line in the log',
  );
  expect(bench.logs[0]).toMatchObject({ status: 200, inputTokens: 25, outputTokens: 15 });
});

test('passes each word on before the next one comes, also where a character is cut in two', async (context) => {
  const { script, begun } = beginning();
  const { bench } = await startClaude(context, { script });
  const client = await ask(bench);
  const response = await begun;
  response.write(api.deltaText('first'));
  await client.until(has(client, '{"text":"first"}'), 'the first word');
  const second = Buffer.from(api.deltaText('zweites Wört'));
  response.write(second.subarray(0, second.indexOf('ö') + 1));
  response.write(second.subarray(second.indexOf('ö') + 1));
  await client.until(has(client, '{"text":"zweites Wört"}'), 'the second word');
  response.end(api.endText());
  await client.until(has(client, 'event: done'), 'the end');
});

test('lets go of the API when the client leaves in the middle', async (context) => {
  const { script, begun } = beginning();
  const { bench, upstream } = await startClaude(context, { script });
  const client = await ask(bench);
  (await begun).write(api.deltaText('first'));
  await client.until(has(client, 'first'), 'the first word');
  client.reset();
  await upstream.until(() => upstream.requests[0]?.isGone === true, 'the API to be let go');
  await eventually(
    () => bench.logs.length === 1,
    () => 'a line in the log',
  );
  expect(bench.logs[0]).toMatchObject({ status: 499, why: 'client left' });
  await eventually(
    () => bench.clock.pending() === 0,
    () => 'the timers to end',
  );
});

test('lets go of the API when the client leaves before the answer', async (context) => {
  const { bench, upstream } = await startClaude(context, { script: () => undefined });
  const client = await ask(bench);
  await upstream.until(() => upstream.requests[0]?.isWhole === true, 'the request');
  client.reset();
  await upstream.until(() => upstream.requests[0]?.isGone === true, 'the API to be let go');
  await eventually(
    () => bench.clock.pending() === 0,
    () => 'the timers to end',
  );
});

test('tells an API that breaks off, stalls or fails in the middle, in fixed words', async (context) => {
  const ends: [string, (response: ServerResponse, bench: HttpBench) => unknown, string][] = [
    ['ends early', (response) => response.end(), 'The connection to the provider'],
    ['resets', (response) => response.destroy(), 'The connection to the provider'],
    ['stalls', (_response, bench) => bench.clock.advance(30_000), 'did not answer in time'],
    [
      'sends an error',
      (response) => response.write(api.eventText('error', { error: { message: 'private' } })),
      'The connection to the provider',
    ],
    ['sends rubbish', (response) => response.write('data: {private\n\n'), 'The connection to the provider'],
  ];
  for (const [, end, words] of ends) {
    const { script, begun } = beginning();
    const { bench } = await startClaude(context, { script });
    const client = await ask(bench);
    const response = await begun;
    response.write(api.deltaText('first'));
    await client.until(has(client, 'first'), 'the first word');
    end(response, bench);
    await client.until(has(client, 'event: error'), 'the error');
    await client.until(has(client, words), words);
    expect(client.received.toString()).toContain('"error":"Claude API error"');
    expect(client.received.toString()).not.toMatch(/private|event: done/);
  }
});

test('tells a refusal of the API by its status, also to a client that asked for events', async (context) => {
  const { bench } = await startClaude(context, { script: api.answerJson(529, {}) });
  expect(await rawAnswer(await ask(bench))).toMatchObject({
    status: 503,
    body: { error: 'Claude API error' },
  });
});

test('hides the key in words, whole, in pieces and encoded', async (context) => {
  const { script, begun } = beginning();
  const { bench } = await startClaude(context, { script });
  const client = await ask(bench);
  const response = await begun;
  const forms = [
    CLAUDE_KEY,
    Buffer.from(CLAUDE_KEY).toString('base64'),
    Buffer.from(CLAUDE_KEY).toString('hex'),
  ];
  for (const form of forms)
    for (const piece of form.match(/.{1,5}/g) ?? []) response.write(api.deltaText(piece));
  response.write(api.deltaText(`and ${CLAUDE_KEY} too`));
  response.end(api.endText());
  await client.until(has(client, 'event: done'), 'the end');
  const words = [...client.received.toString().matchAll(/data: (\{"text".*\})/g)].map(
    ([, data = '{}']) => JSON.parse(data).text as string,
  );
  expect(words.join('')).toMatch(/^(\[redacted\][\w=]{0,3}){3}and \[redacted\] too$/);
  expectNoSecret(CLAUDE_KEY, [words.join(''), client.received]);
});

test('waits for a client that does not read, and ends one that never does', async (context) => {
  const { script, begun } = beginning();
  const { bench, upstream } = await startClaude(context, { script, claude: { maxAnswerBytes: 67_108_864 } });
  const client = await ask(bench);
  const response = await begun;
  await client.response();
  client.pauseReading();
  expect(await writeUntilHeld(response, api.deltaText('x'.repeat(60_000)), 900)).toBe(true);
  await eventually(
    () => bench.clock.pending() > 0,
    () => 'the limit to run',
  );
  bench.clock.advance(30_000);
  await upstream.until(() => upstream.requests[0]?.isGone === true, 'the API to be let go');
});

test('streams in an Express application that parses bodies before', async (context) => {
  const { script, begun } = beginning();
  const upstream = await startHttpUpstream(context, script);
  const routes = claude({ apiKey: CLAUDE_KEY, model: MODEL, baseUrl: upstream.url });
  const proxy = createVoiceProxy({ auth: none(), routes, logger: false });
  context.onTestFinished(() => proxy.close());
  const application = await serveApplication(context, express().use(express.json()).use(proxy.handle));
  const answer = fetch(application.url('/api/query'), {
    method: 'POST',
    body: JSON.stringify({ ...QUESTION, stream: true }),
    headers: { 'Content-Type': 'application/json' },
  });
  const response = await begun;
  response.write(api.deltaText('first'));
  const reader = (await answer).body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('first');
  response.end(api.endText());
  expect(upstream.requests[0]?.body.toString()).toContain('current_mrr');
  await reader?.cancel();
});
