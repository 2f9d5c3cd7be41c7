/** Several keys of the operator over HTTP: the next one is tried where a request can be sent again. */
import { expect, test } from 'vitest';
import { asrUpload, claude, deepgramRest, secretSource } from '../../src/index.ts';
import { answerJson } from '../support/claude-script.ts';
import type { UpstreamScript } from '../support/http-upstream.ts';
import { anthropicAt, ASKED, MESSAGES, startRestScript } from '../support/rest-bench.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import { createTestClock } from '../support/test-clock.ts';

const [BAD, GOOD] = ['sk-bad-0123456789abcdef', 'sk-good-fedcba9876543210'] as const;
const apiKey = [BAD, GOOD];
const ANSWER = { content: [{ type: 'text', text: `hello ${BAD} ${GOOD}` }], usage: {}, model: 'm' };

/** Refuses one key with this status, and repeats both in its answer to the other. */
const refusing =
  (status: number, answer: object = ANSWER): UpstreamScript =>
  async (response, request, whole) => {
    await whole();
    const isBad = JSON.stringify(request.headers).includes(BAD);
    answerJson(isBad ? status : 200, isBad ? { error: BAD } : answer)(response, request, whole);
  };

const keysOf = (requests: readonly { headers: object }[]): string[] =>
  requests.map(({ headers }) => (JSON.stringify(headers).includes(BAD) ? 'bad' : 'good'));

test.for([401, 403])('asks again with the next key when a provider answers %i', async (status, context) => {
  const { bench, upstream } = await startRestScript(context, refusing(status), anthropicAt({ apiKey }));
  const answers = [await bench.post(MESSAGES, ASKED), await bench.post(MESSAGES, ASKED)];
  expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
  expect(keysOf(upstream.requests)).toEqual(['bad', 'good', 'good']);
  expect(upstream.requests[1]?.body).toEqual(upstream.requests[0]?.body);
  for (const key of apiKey) expectNoSecret(key, [answers, bench.logs]);
  expect(bench.logs.filter((line) => 'option' in line)).toMatchObject([
    { option: 'anthropic().apiKey', place: '1 of 2' },
  ]);
});

test('says again that a key is refused that was taken meanwhile', async (context) => {
  let taken = '';
  const script: UpstreamScript = async (response, request, whole) => {
    await whole();
    answerJson(JSON.stringify(request.headers).includes(taken) ? 200 : 401, {})(response, request, whole);
  };
  const { bench } = await startRestScript(context, script, anthropicAt({ apiKey }));
  for (taken of [GOOD, BAD, GOOD]) await bench.post(MESSAGES, ASKED);
  expect(bench.logs.filter((line) => 'option' in line)).toMatchObject([
    { place: '1 of 2' },
    { place: '2 of 2' },
    { place: '1 of 2' },
  ]);
});

test('asks no third time', async (context) => {
  const script: UpstreamScript = (...all) => answerJson(401, {})(...all);
  const { bench, upstream } = await startRestScript(
    context,
    script,
    anthropicAt({ apiKey: [BAD, GOOD, 'sk-third-123456'] }),
  );
  expect((await bench.post(MESSAGES, ASKED)).status).toBe(502);
  expect(upstream.requests).toHaveLength(2);
});

test('asks Claude again for a question', async (context) => {
  const { bench, upstream } = await startRestScript(context, refusing(401), (baseUrl) =>
    claude({ apiKey, model: 'm', baseUrl }),
  );
  const answer = await bench.post('/api/query', { question: 'Hello', context: {} });
  expect([answer.status, answer.body['answer']]).toEqual([200, 'hello [redacted] [redacted]']);
  expect(keysOf(upstream.requests)).toEqual(['bad', 'good']);
});

test('asks the source for another key when the only one is refused', async (context) => {
  const clock = createTestClock();
  let kept: string = BAD;
  const source = secretSource({ load: () => kept });
  const { bench, upstream } = await startRestScript(context, refusing(401), anthropicAt({ apiKey: source }), {
    clock,
  });
  kept = GOOD;
  clock.advance(5_000);
  expect((await bench.post(MESSAGES, ASKED)).status).toBe(200);
  expect(keysOf(upstream.requests)).toEqual(['bad', 'good']);
});

test('does not send a recording twice, and has the next one go with the next key', async (context) => {
  const { bench, upstream } = await startRestScript(context, refusing(401, { results: {} }), (baseUrl) =>
    deepgramRest({ apiKey, baseUrl, models: ['*'] }),
  );
  const send = async (): Promise<number> => {
    const headers = { Authorization: `Bearer ${bench.token()}`, 'Content-Type': 'audio/wav' };
    const response = await fetch(`${bench.url}/deepgram/v1/listen`, {
      method: 'POST',
      body: 'sound',
      headers,
    });
    await response.text();
    return response.status;
  };
  expect([await send(), await send()]).toEqual([502, 200]);
  expect(keysOf(upstream.requests)).toEqual(['bad', 'good']);
});

test('has the next upload go with the next key', async (context) => {
  const transcript = { text: `hi ${BAD}`, duration_s: 1, inference_s: 1, lang: 'eng', lid_s: 1 };
  const { bench, upstream } = await startRestScript(context, refusing(401, transcript), (baseUrl) =>
    asrUpload({ apiKey, url: baseUrl }),
  );
  const send = async (): Promise<[number, string]> => {
    const body = new FormData();
    body.append('file', new File(['sound'], 'audio.wav', { type: 'audio/wav' }));
    const headers = { Authorization: `Bearer ${bench.token()}` };
    const response = await fetch(`${bench.url}/api/v1/asr/transcribe`, { method: 'POST', body, headers });
    return [response.status, await response.text()];
  };
  expect((await send())[0]).toBe(502);
  const [status, text] = await send();
  expect([status, text.includes('[redacted]'), text.includes(BAD)]).toEqual([200, true, false]);
  expect(keysOf(upstream.requests)).toEqual(['bad', 'good']);
});
