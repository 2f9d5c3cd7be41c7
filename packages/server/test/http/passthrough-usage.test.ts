/** What the log says of the use of an answer that passes as it comes. */
import { expect, test } from 'vitest';
import {
  answering,
  answerJson,
  deltaText,
  endText,
  eventText,
  message,
  startText,
} from '../support/claude-script.ts';
import { eventually } from '../support/eventually.ts';
import type { HttpBench } from '../support/http-bench.ts';
import { ASKED, MESSAGES, MODEL, REST_KEY, startRestScript } from '../support/rest-bench.ts';

const NAMES = ['inputTokens', 'outputTokens', 'cacheWriteTokens', 'cacheReadTokens', 'model'];

/** Of each line of a request, what it says of the use. */
const usageLines = ({ logs }: HttpBench): unknown[] =>
  logs
    .filter((line) => 'status' in line)
    .map((line) => Object.fromEntries(Object.entries(line).filter(([name]) => NAMES.includes(name))));

const ask = ({ url, token }: HttpBench, body: object, signal?: AbortSignal): Promise<Response> =>
  fetch(url + MESSAGES, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token()}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });

test('is the one of a whole answer, which passes as it is', async (context) => {
  const { bench } = await startRestScript(context, answering('Hello'));
  const answer = await ask(bench, ASKED);
  expect(await answer.json()).toEqual(message('Hello'));
  expect(usageLines(bench)).toEqual([{ inputTokens: 150, outputTokens: 89, model: MODEL }]);
});

test('is the one of the last event that tells it, and every byte passes', async (context) => {
  const { bench } = await startRestScript(context, answering('Hello'));
  const answer = await ask(bench, { ...ASKED, stream: true });
  expect(await answer.text()).toBe(startText() + deltaText('Hello') + endText());
  expect(usageLines(bench)).toEqual([{ inputTokens: 25, outputTokens: 15, model: MODEL }]);
});

test('counts what was written to and read from the cache', async (context) => {
  const usage = {
    ...{ input_tokens: 1, output_tokens: 2 },
    ...{ cache_creation_input_tokens: 3, cache_read_input_tokens: 4 },
  };
  const { bench } = await startRestScript(context, answerJson(200, { ...message('Hi'), usage }));
  await (await ask(bench, ASKED)).text();
  expect(usageLines(bench)).toMatchObject([{ cacheWriteTokens: 3, cacheReadTokens: 4 }]);
});

test('is what was told when the client leaves in the middle', async (context) => {
  const { bench } = await startRestScript(context, (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(startText());
  });
  const leaving = new AbortController();
  const answer = await ask(bench, { ...ASKED, stream: true }, leaving.signal);
  await answer.body?.getReader().read();
  leaving.abort();
  await eventually(
    () => usageLines(bench).length === 1,
    () => 'the line of the request',
  );
  expect(usageLines(bench)).toEqual([{ inputTokens: 25, outputTokens: 1, model: MODEL }]);
});

test('is nothing where the provider tells none, or tells the key', async (context) => {
  const model = { model: REST_KEY, usage: { input_tokens: REST_KEY } };
  const { bench } = await startRestScript(context, (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.end(eventText('message_start', { message: model }) + deltaText('x'));
  });
  await (await ask(bench, { ...ASKED, stream: true })).text();
  expect(usageLines(bench)).toEqual([{}]);
  expect(JSON.stringify(bench.logs)).not.toContain(REST_KEY);
});
