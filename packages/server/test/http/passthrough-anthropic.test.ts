import { expect, test, type TestContext } from 'vitest';
import { toAnswer, type HttpBench } from '../support/http-bench.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import { anthropicAt, ASKED, MESSAGES, MODEL, startRestMock, type RestMock } from '../support/rest-bench.ts';
import { expectNoSecret } from '../support/secret-search.ts';

const start = (context: TestContext): Promise<RestMock<'claude'>> =>
  startRestMock(context, 'claude', anthropicAt({ apiKey: MOCK_SECRET }));

/** As the SDK posts in a page, with a token in this header. */
const ask = (bench: HttpBench, headers: Record<string, string>, body: object = ASKED): Promise<Response> =>
  fetch(bench.url + MESSAGES, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json', ...headers },
      ...{ 'x-stainless-lang': 'js', 'anthropic-dangerous-direct-browser-access': 'true' },
    },
  });

test.for(['authorization', 'x-api-key'])(
  'takes the token of a page in %s, and asks with the key alone',
  async (slot, context) => {
    const { bench, mock } = await start(context);
    const token = bench.token();
    const value = slot === 'authorization' ? `Bearer ${token}` : token;
    const response = await ask(bench, { [slot]: value, 'anthropic-version': '2026-10-21' });
    const { status, body } = await toAnswer(response);
    expect([status, body]).toMatchObject([200, { type: 'message', model: MODEL }]);
    const { headers, path } = await mock.waitForDial(1);
    const sent = Object.fromEntries(headers.map(([name, text]) => [name.toLowerCase(), text]));
    expect(path).toBe('/v1/messages');
    expect(sent).toMatchObject({ 'x-api-key': MOCK_SECRET, 'anthropic-version': '2026-10-21' });
    expect(JSON.stringify(mock.requests)).not.toContain(token);
    expectNoSecret(MOCK_SECRET, [body, [...response.headers], bench.logs]);
    mock.expectNoViolations();
  },
);

test('says which version of the API is meant where the client does not', async (context) => {
  const { bench, mock } = await start(context);
  await (await ask(bench, { 'x-api-key': bench.token() })).text();
  const { headers } = await mock.waitForDial(1);
  expect(headers).toContainEqual(['anthropic-version', '2023-06-01']);
});

test('passes a streamed answer as events', async (context) => {
  const { bench, mock } = await start(context);
  const response = await ask(bench, { 'x-api-key': bench.token() }, { ...ASKED, stream: true });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
  const text = await response.text();
  expect(text).toContain('event: message_start\n');
  expect(text.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\n')).toBe(true);
  mock.expectNoViolations();
});

test('counts tokens', async (context) => {
  const { bench, mock } = await start(context);
  const { model, messages } = ASKED;
  const { status, body } = await bench.post(`${MESSAGES}/count_tokens`, { model, messages });
  expect([status, body]).toEqual([200, { input_tokens: 12 }]);
  mock.expectNoViolations();
});

test.for([
  [{ model: 'claude-of-another-price' }, 403, 'This model is not allowed here.'],
  [{ model: 7 }, 400, 'The body has no model, or not a text for it.'],
  [{ max_tokens: 5_000 }, 400, 'max_tokens is at most 4096 here.'],
  [{ max_tokens: '5' }, 400, 'max_tokens is not a number.'],
  [{ mcp_servers: [] }, 403, 'The body has a member that is not allowed here.'],
  [{ container: 'c' }, 403, 'The body has a member that is not allowed here.'],
  [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 403, 'tools[*].type has a value'],
  [{ messages: [{ content: [{ source: { file_id: 'f' } }] }] }, 403, 'messages[*].content[*].source.file_id'],
  [{ temperature: 1e300 }, 400, 'The body has a number that cannot be kept exactly.'],
] as const)('refuses %j with %i, and says why as Anthropic does', async ([more, status, why], context) => {
  const { bench, mock } = await start(context);
  const answer = await bench.post(MESSAGES, { ...ASKED, ...more });
  expect([answer.status, answer.body]).toMatchObject([
    status,
    { type: 'error', error: { message: expect.stringContaining(why) } },
  ]);
  expect(mock.dials).toBe(0);
});

test.for(['{"model":', '[]', `${'['.repeat(100)}${']'.repeat(100)}`, '{"a":"\\ud800"}', '{"__proto__":1}'])(
  'refuses the body %s with 400',
  async (body, context) => {
    const { bench, mock } = await start(context);
    const answer = await bench.post(MESSAGES, body);
    expect([answer.status, answer.body]).toMatchObject([400, { error: { type: 'invalid_request_error' } }]);
    expect(mock.dials).toBe(0);
  },
);

test('writes anew what was judged: of a member that is there twice, the last', async (context) => {
  const { bench, mock } = await start(context);
  const twice = JSON.stringify(ASKED).replace('{', '{"model":"claude-of-another-price",');
  expect((await bench.post(MESSAGES, twice)).status).toBe(200);
  const sent = (await mock.waitForDial(1)).body.toString();
  expect(sent).toBe(JSON.stringify(ASKED));
});

test('refuses a body that is too long, declared or not', async (context) => {
  const { bench, mock } = await startRestMock(
    context,
    'claude',
    anthropicAt({ apiKey: MOCK_SECRET, maxBodyBytes: 1_000 }),
  );
  const answer = await bench.post(MESSAGES, { ...ASKED, system: 'x'.repeat(1_000) });
  expect([answer.status, answer.body]).toMatchObject([413, { error: { type: 'request_too_large' } }]);
  expect(mock.dials).toBe(0);
});
