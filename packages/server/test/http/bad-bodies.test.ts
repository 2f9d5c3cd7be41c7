import { expect, test, type TestContext } from 'vitest';
import { none } from '../../src/index.ts';
import { QUESTION, startClaude, type ClaudeGiven } from '../support/claude-bench.ts';
import { eventually } from '../support/eventually.ts';
import { rawAnswer, rawPost, type HttpBench } from '../support/http-bench.ts';
import type { RawClient } from '../support/raw-client.ts';

const JSON_TYPE = 'Content-Type: application/json';
const PATH = '/api/query';

function sized(bench: HttpBench, body: string | Buffer, lines = [JSON_TYPE]): Promise<RawClient> {
  return bench.raw(rawPost(bench, PATH, [...lines, `Content-Length: ${Buffer.byteLength(body)}`], body));
}

function chunkOf(body: string | Buffer): Buffer {
  const size = Buffer.byteLength(body).toString(16);
  return Buffer.concat([Buffer.from(`${size}\r\n`), Buffer.from(body), Buffer.from('\r\n')]);
}

function chunked(bench: HttpBench, ...parts: Buffer[]): Promise<RawClient> {
  return bench.raw(rawPost(bench, PATH, [JSON_TYPE, 'Transfer-Encoding: chunked'], Buffer.concat(parts)));
}

const good = JSON.stringify(QUESTION);
const nested = (depth: number): string =>
  `{"question":"x","context":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
const crowded = `{"question":"x","context":{${Array.from({ length: 1_000_000 }, (_, at) => `"k${at}":1`).join(',')}}}`;

/** Everything that is answered 400 and asks nobody, with what the answer says. */
const refused: [title: string, body: string | Buffer, says: RegExp, given?: ClaudeGiven][] = [
  ['nothing', '', /must be JSON/],
  ['half of it', good.slice(0, 20), /must be JSON/],
  ['two of it', good + good, /must be JSON/],
  ['a form', 'question=x&context=y', /must be JSON/],
  ['a list', '[]', /must be JSON/],
  ['a text', '"x"', /must be JSON/],
  ['null', 'null', /must be JSON/],
  ['NaN', '{"question":"x","context":{"a":NaN}}', /must be JSON/],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), /not UTF-8/],
  ['half a character', Buffer.from('{"question":"ö').subarray(0, 14), /not UTF-8/],
  ['UTF-16', Buffer.from(good, 'utf16le'), /must be JSON|not UTF-8/],
  ['nesting of 10 000', nested(10_000), /nested deeper than 64/],
  ['nesting of 10 000 that never ends', '['.repeat(10_000), /nested deeper than 64/],
  ['a million names', crowded, /more than 10000 names/, { claude: { maxBodyBytes: 16_777_216 } }],
];

test.for(refused)('refuses %s', async ([, body, says, given], context) => {
  const { bench, upstream } = await startClaude(context, given);
  const answer = await rawAnswer(await sized(bench, body));
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ error: 'Invalid request', message: expect.stringMatching(says) });
  expect(upstream.requests).toEqual([]);
});

test.for([
  ['a byte order mark', Buffer.from(`\ufeff${good}`), 'current_mrr'],
  [
    'a name of the prototype, as data',
    '{"question":"x","context":{"__proto__":{"a":1}}}',
    '"__proto__":{"a":1}',
  ],
  ['a name twice, the last one', '{"question":"x","question":"y","context":{"n":1,"n":2}}', '{"n":2}'],
  ['half a surrogate', '{"question":"x","context":{"a":"\\ud800"}}', 'ud800'],
  ['marks of JSON inside of texts', `{"question":"${'{[:'.repeat(500)}","context":{}}`, '{[:{[:'],
  ['nesting of 60', nested(60), '[[['],
] as const)('takes %s', async ([, body, sent], context) => {
  const { bench, upstream } = await startClaude(context);
  expect(await rawAnswer(await sized(bench, body))).toMatchObject({ status: 200 });
  const { messages } = JSON.parse(upstream.requests[0]?.body.toString() ?? '{}');
  expect(messages[0].content).toContain(sent);
});

test('is not misled by a prototype at the top', async (context) => {
  const { bench } = await startClaude(context);
  const answer = await rawAnswer(await sized(bench, '{"__proto__":{"question":"x","context":{}}}'));
  expect(answer).toMatchObject({ status: 400, body: { fields: ['question', 'context'] } });
});

test.for([
  [],
  ['Content-Type: text/plain'],
  ['Content-Type: application/x-www-form-urlencoded'],
  ['Content-Type: application/jsonp'],
  ['Content-Type: multipart/form-data; boundary=x'],
  ['Content-Type: application/json; charset=utf-16'],
  ['Content-Type: application/json; charset=latin1'],
  [JSON_TYPE, 'Content-Encoding: gzip'],
])('refuses a body with the headers %j', async (lines, context) => {
  const { bench, upstream } = await startClaude(context);
  const answer = await rawAnswer(await sized(bench, good, lines));
  expect(answer).toMatchObject({ status: 415, body: { error: 'unsupported_media_type' } });
  expect(upstream.requests).toEqual([]);
});

test('takes the names of JSON in any letter case, and UTF-8 written out', async (context) => {
  const { bench } = await startClaude(context);
  const lines = ['Content-Type: Application/JSON ; Charset="UTF-8"', 'Content-Encoding: identity'];
  expect(await rawAnswer(await sized(bench, good, lines))).toMatchObject({ status: 200 });
});

async function startSmall(context: TestContext) {
  return startClaude(context, { claude: { maxBodyBytes: 1_000 } });
}

test('refuses a body that declares too much, before it comes', async (context) => {
  const { bench } = await startSmall(context);
  const client = await bench.raw(rawPost(bench, PATH, [JSON_TYPE, 'Content-Length: 1001'], ''));
  expect(await rawAnswer(client)).toMatchObject({
    status: 413,
    body: { error: 'too_large', message: 'The body is larger than 1000 bytes.' },
  });
  bench.clock.advance(5_000);
  await client.waitForClose();
});

test('refuses a body that becomes too much, and reads the rest of it', async (context) => {
  const { bench } = await startSmall(context);
  const client = await chunked(bench, chunkOf('x'.repeat(1_001)));
  expect(await rawAnswer(client)).toMatchObject({ status: 413 });
  client.sendBytes(chunkOf('x'.repeat(100_000)));
  client.sendBytes('0\r\n\r\n');
  await eventually(
    () => bench.clock.pending() === 0,
    () => 'the rest to be read',
  );
  expect(client.isGone).toBe(false);
});

test('takes a body of exactly its limit', async (context) => {
  const { bench } = await startSmall(context);
  const body = good.padEnd(1_000);
  expect(await rawAnswer(await chunked(bench, chunkOf(body), Buffer.from('0\r\n\r\n')))).toMatchObject({
    status: 200,
  });
});

test('gives a body that trickles no more than its time', async (context) => {
  const { bench, upstream } = await startClaude(context, { proxy: { auth: none() } });
  const client = await chunked(bench, chunkOf(good.slice(0, 5)));
  await eventually(
    () => bench.clock.pending() === 1,
    () => 'the body to be waited for',
  );
  for (let at = 5; at < 14; at += 1) {
    bench.clock.advance(1_000);
    client.sendBytes(chunkOf(good[at] ?? ''));
  }
  bench.clock.advance(1_000);
  expect(await rawAnswer(client)).toMatchObject({ status: 408, body: { error: 'request_timeout' } });
  bench.clock.advance(5_000);
  await client.waitForClose();
  expect(upstream.requests).toEqual([]);
});

test('lets a client leave in the middle of its body', async (context) => {
  const { bench } = await startClaude(context, { proxy: { auth: none() } });
  const client = await chunked(bench, chunkOf(good.slice(0, 5)));
  await eventually(
    () => bench.clock.pending() === 1,
    () => 'the body to be waited for',
  );
  client.reset();
  await eventually(
    () => bench.logs.length === 1,
    () => 'a line in the log',
  );
  expect(bench.logs[0]).toMatchObject({ status: 499 });
  await eventually(
    () => bench.clock.pending() === 0,
    () => 'the timers to end',
  );
});
