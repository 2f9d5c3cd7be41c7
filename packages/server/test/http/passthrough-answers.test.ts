import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { UpstreamScript } from '../support/http-upstream.ts';
import { answerJson } from '../support/claude-script.ts';
import { eventually } from '../support/eventually.ts';
import { rawPost, toAnswer } from '../support/http-bench.ts';
import { anthropicAt, ASKED, MESSAGES, PAGE, REST_KEY, startRestScript } from '../support/rest-bench.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import { writeUntilHeld } from '../support/slow-reader.ts';

const FORMS: readonly (readonly [string, string])[] = [
  ['as it is', REST_KEY],
  ['percent-encoded', encodeURIComponent(REST_KEY)],
  ['in base64', Buffer.from(REST_KEY).toString('base64')],
  ['in base64 among others', Buffer.from(`ab${REST_KEY}c`).toString('base64url')],
  ['with slashes escaped', REST_KEY.replaceAll('/', '\\/')],
];

/** Writes each text when the one before is on its way. */
const parts =
  (type: string, texts: readonly string[]): UpstreamScript =>
  async (response, _request, whole) => {
    await whole();
    response.writeHead(200, { 'Content-Type': type, 'X-Key': REST_KEY, 'request-id': `r-${REST_KEY}` });
    for (const text of texts) await new Promise((resolve) => response.write(text, resolve));
    response.end();
  };

test.for(FORMS)(
  'keeps the key out of an answer that tells it %s, cut anywhere',
  async ([, form], context) => {
    const texts = [...`{"told":"${form}","é":1}`];
    const { bench } = await startRestScript(context, parts('application/json', texts));
    const { status, headers, body } = await bench.post(MESSAGES, ASKED, { Origin: PAGE });
    expect([status, body]).toMatchObject([200, { told: expect.stringContaining('[redacted]'), é: 1 }]);
    expect([headers.get('x-key'), headers.get('request-id')]).toEqual([null, null]);
    expectNoSecret(REST_KEY, [body, [...headers], bench.logs]);
  },
);

test('keeps the key out of events, and passes what is none of it', async (context) => {
  const texts = [
    'event: a\nda',
    `ta: {"text":"${REST_KEY.slice(0, 9)}`,
    `${REST_KEY.slice(9)}"}\n\n`,
    ': ping\n\n',
  ];
  const { bench } = await startRestScript(context, parts('text/event-stream', texts));
  const headers = { authorization: `Bearer ${bench.token()}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ ...ASKED, stream: true });
  const text = await (await fetch(bench.url + MESSAGES, { method: 'POST', headers, body })).text();
  expect(text).toBe('event: a\ndata: {"text":"[redacted]"}\n\n: ping\n\n');
});

test('passes each event when it comes, and gives the provider up when the page has left', async (context) => {
  const script: UpstreamScript = (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: one\n\n');
  };
  const { bench, upstream } = await startRestScript(context, script);
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${bench.token()}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ ...ASKED, stream: true });
  const response = await fetch(bench.url + MESSAGES, {
    method: 'POST',
    headers,
    body,
    signal: leaving.signal,
  });
  const { value } = (await response.body?.getReader().read()) ?? {};
  expect(Buffer.from(value ?? []).toString()).toBe('data: one\n\n');
  expect(upstream.requests[0]?.isGone).toBe(false);
  leaving.abort();
  await upstream.until(() => upstream.requests[0]?.isGone === true, 'the connection to be given up');
  await eventually(
    () => bench.clock.pending() === 0,
    () => 'the timers to end',
  );
  expect(bench.logs).toMatchObject([{ status: 499, why: 'client left' }]);
});

test.for([
  [400, 400, 'told'],
  [404, 404, 'told'],
  [413, 413, 'told'],
  [429, 429, 'told'],
  [500, 500, 'told'],
  [529, 529, 'told'],
  [401, 502, 'The provider refused the server. Its operator has to check the key.'],
  [403, 502, 'The provider refused the server. Its operator has to check the key.'],
  [302, 502, 'The connection to the provider failed or was lost.'],
  [204, 502, 'The connection to the provider failed or was lost.'],
] as const)('tells a provider that answers %i as %i', async ([theirs, ours, message], context) => {
  const said = { type: 'error', error: { type: 'their_error', message: 'told' } };
  const more = { 'Retry-After': '9', Location: 'http://127.0.0.1:1/x', 'X-Key': REST_KEY };
  const { bench, upstream } = await startRestScript(context, answerJson(theirs, said, more));
  const { status, body, headers } = await bench.post(MESSAGES, ASKED);
  expect([status, body]).toMatchObject([ours, { type: 'error', error: { message } }]);
  expect(headers.get('retry-after')).toBe(message === 'told' ? '9' : null);
  expect([headers.get('location'), headers.get('x-key')]).toEqual([null, null]);
  expect(upstream.requests).toHaveLength(1);
});

test.for([
  `wrong key ${REST_KEY}`,
  `Incorrect API key provided: ${REST_KEY.slice(0, 12)}****${REST_KEY.slice(-6)}`,
  Buffer.from(REST_KEY).toString('base64'),
  `Clé refusée 🔑: ${REST_KEY} – à vérifier`,
])('keeps the key out of the error %s', async (message, context) => {
  const said = { type: 'error', error: { type: 'their_error', message } };
  const { bench } = await startRestScript(context, answerJson(400, said));
  const { status, body } = await bench.post(MESSAGES, ASKED);
  expect(status).toBe(400);
  expectNoSecret(REST_KEY, [body, bench.logs]);
  expect(JSON.stringify(body)).not.toContain(REST_KEY.slice(0, 12));
  expect(JSON.stringify(body)).not.toContain(REST_KEY.slice(-6));
  expect(body).toMatchObject({
    error: { type: 'their_error', message: expect.stringContaining('[redacted]') },
  });
});

test.for([
  ['HTML', 'text/html', `<b>${REST_KEY}</b>`],
  ['what calls itself JSON', 'application/json', `<b>${REST_KEY}</b>`],
  ['a text without end', 'application/json', `"${'x'.repeat(70_000)}"`],
] as const)('puts our own words in place of an error that is %s', async ([, type, text], context) => {
  const script: UpstreamScript = (response) => response.writeHead(503, { 'Content-Type': type }).end(text);
  const { bench } = await startRestScript(context, script);
  const { status, body } = await bench.post(MESSAGES, ASKED);
  expect([status, body]).toEqual([
    503,
    {
      type: 'error',
      error: { type: 'api_error', message: 'The connection to the provider failed or was lost.' },
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  ]);
});

test('passes no page of the provider on', async (context) => {
  const { bench } = await startRestScript(context, parts('text/html', ['<script>']));
  expect((await bench.post(MESSAGES, ASKED)).status).toBe(502);
});

test('cuts off an answer that would be a gigabyte', async (context) => {
  let sent = 0;
  const script: UpstreamScript = (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    const pour = (): void => {
      while (sent < 1_073_741_824 && !response.destroyed) {
        sent += 65_536;
        if (!response.write(Buffer.alloc(65_536, ' '))) return void response.once('drain', pour);
      }
    };
    pour();
  };
  const { bench, upstream } = await startRestScript(context, script);
  await expect(bench.post(MESSAGES, ASKED)).rejects.toThrow();
  await upstream.until(() => upstream.requests[0]?.isGone === true, 'the connection to be given up');
  expect(sent).toBeLessThan(67_108_864);
});

test('says in the provider’s form who may not ask, and that there were too many', async (context) => {
  const { bench } = await startRestScript(
    context,
    answerJson(200, {}),
    anthropicAt({ requestsPerWindow: 1 }),
  );
  const ask = async (authorization: string): Promise<unknown> => {
    const init = { method: 'POST', headers: { authorization, 'content-type': 'application/json' } };
    const { status, body } = await toAnswer(
      await fetch(bench.url + MESSAGES, { ...init, body: JSON.stringify(ASKED) }),
    );
    return [status, (body['error'] as { type?: string }).type];
  };
  expect(await ask('Bearer stolen')).toEqual([401, 'authentication_error']);
  expect((await bench.post(MESSAGES, ASKED)).status).toBe(200);
  expect(await ask(`Bearer ${bench.token()}`)).toEqual([429, 'rate_limit_error']);
});

test('holds the provider back while a page does not read, and gives up one that never does', async (context) => {
  let begin: (response: ServerResponse) => void = () => undefined;
  const begun = new Promise<ServerResponse>((resolve) => (begin = resolve));
  const { bench, upstream } = await startRestScript(context, async (response, _request, whole) => {
    await whole();
    begin(response.writeHead(200, { 'Content-Type': 'text/event-stream' }));
  });
  const json = JSON.stringify({ ...ASKED, stream: true });
  const lines = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(json)}`];
  const client = await bench.raw(rawPost(bench, MESSAGES, lines, json));
  const response = await begun;
  client.pauseReading();
  expect(await writeUntilHeld(response, 'data: x\n\n'.repeat(6_000), 200)).toBe(true);
  await eventually(
    () => bench.clock.pending() > 0,
    () => 'the limit to run',
  );
  bench.clock.advance(30_000);
  await upstream.until(() => upstream.requests[0]?.isGone === true, 'the provider to be let go');
});
