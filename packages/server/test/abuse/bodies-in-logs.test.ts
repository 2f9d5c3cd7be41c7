/** What a body says, a client's or a provider's, stands in no line of the log, not even in part. */
import { expect, test } from 'vitest';
import { asrUpload } from '../../src/index.ts';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import { type AbuseBench, startBench } from '../support/abuse-bench.ts';
import { QUESTION, startClaude } from '../support/claude-bench.ts';
import { answerJson, eventText, startText } from '../support/claude-script.ts';
import { eventually } from '../support/eventually.ts';
import { startHttpBench } from '../support/http-bench.ts';
import { startHttpUpstream, type UpstreamScript } from '../support/http-upstream.ts';
import { findSecret } from '../support/secret-search.ts';

/** Longer than anything that a log would cut, and each word of it telling. */
const WORDS = Array.from({ length: 500 }, (_, at) => `telltale-${at}-of-a-body`);
const TOLD = WORDS.join(' ');

/** Every run of letters counts, also of a word that was cut. */
function expectNoBody(logs: readonly unknown[]): void {
  expect(logs.length).toBeGreaterThan(0);
  expect(JSON.stringify(logs)).not.toContain('telltale');
  expect(JSON.stringify(logs)).not.toContain('of-a-body');
  expect(findSecret('telltale', logs)).toEqual([]);
}

async function expectLine(logs: readonly unknown[]): Promise<void> {
  await eventually(
    () => logs.length > 0,
    () => 'a line in the log',
  );
  expectNoBody(logs);
}

const refusals: [what: string, upstream: ScenarioChoice][] = [
  ...[200, 401, 403, 404, 429, 500, 503].map((status): [string, ScenarioChoice] => [
    `an upgrade with ${status}`,
    { name: 'refuse', status, body: TOLD },
  ]),
  ['an upgrade with what is not HTTP', { name: 'rawAnswer', text: `${TOLD}\r\n\r\n` }],
  ['an upgrade with a long head', { name: 'rawAnswer', text: `HTTP/1.1 500 ${TOLD}\r\nX: ${TOLD}\r\n\r\n` }],
];

const linesOfEnd = ({ logs }: AbuseBench): string[] => logs.filter((line) => line.includes('session ended'));

test.for(refusals)('85: write nothing of a body that answers %s', async ([, upstream], context) => {
  const bench = await startBench(context, { upstream });
  const client = await bench.upgrade();
  await client.waitForClose();
  await eventually(
    () => linesOfEnd(bench).length === 1,
    () => 'the session to end',
  );
  expectNoBody(bench.logs);
  expect(client.received.toString()).not.toContain('telltale');
});

const html: UpstreamScript = (response) =>
  response.writeHead(500, { 'Content-Type': 'text/html' }).end(`<p>${TOLD}`);
const events =
  (...texts: string[]): UpstreamScript =>
  (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.end(startText() + texts.join(''));
  };

const answers: [what: string, script: UpstreamScript, isStreamed: boolean][] = [
  ...[400, 401, 403, 429, 500, 529].map((status): [string, UpstreamScript, boolean] => [
    `with ${status}`,
    answerJson(status, { error: { message: TOLD } }),
    false,
  ]),
  ['with a page', html, false],
  ['with JSON of another shape', answerJson(200, { content: TOLD }), false],
  ['with broken JSON', (response) => response.writeHead(200).end(`{"a":"${TOLD}`), false],
  ['with an error among events', events(eventText('error', { error: { message: TOLD } })), true],
  ['with events that are none', events(`data: {${TOLD}\n\n`), true],
];

test.for(answers)('85: write nothing of a body of an API that answers %s', async (row, context) => {
  const [, script, isStreamed] = row;
  const { bench } = await startClaude(context, { script });
  const body = JSON.stringify({ ...QUESTION, stream: isStreamed });
  const headers = { Authorization: `Bearer ${bench.token()}`, 'Content-Type': 'application/json' };
  const text = await (await fetch(`${bench.url}/api/query`, { method: 'POST', body, headers })).text();
  expect(text).not.toContain('telltale');
  await expectLine(bench.logs);
});

const requests: [what: string, body: string, type?: string][] = [
  ['is not JSON', TOLD],
  ['breaks off', `{"question":"${TOLD}`],
  ['has other fields', JSON.stringify({ [WORDS[0] ?? '']: TOLD })],
  ['has fields of other types', JSON.stringify({ question: [TOLD], context: TOLD })],
  ['is of another type', TOLD, `text/${WORDS[0]}`],
  ['is answered', JSON.stringify({ ...QUESTION, question: WORDS.slice(0, 20).join(' ') })],
];

test.for(requests)('85: write nothing of the body of a request that %s', async ([, body, type], context) => {
  const { bench } = await startClaude(context);
  await bench.post('/api/query', body, type === undefined ? {} : { 'Content-Type': type });
  await expectLine(bench.logs);
});

test('85: write nothing of a form, of its file, or of what the service makes of it', async (context) => {
  const upstream = await startHttpUpstream(context, answerJson(200, { text: TOLD, duration_s: 1 }));
  const bench = await startHttpBench(context, { routes: asrUpload({ url: upstream.url }) });
  for (const field of ['file', WORDS[0] ?? '']) {
    const body = new FormData();
    body.append(field, new Blob([TOLD], { type: 'audio/webm' }), `${WORDS[1]}.webm`);
    const headers = { Authorization: `Bearer ${bench.token()}` };
    await (await fetch(`${bench.url}/api/v1/asr/transcribe`, { method: 'POST', body, headers })).text();
  }
  await eventually(
    () => bench.logs.length === 2,
    () => 'two lines in the log',
  );
  expectNoBody(bench.logs);
});
