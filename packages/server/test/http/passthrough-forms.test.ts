/** A call over WebRTC whose session stands beside its description, as OpenAI's SDK sends both: a form that is judged and written anew. */
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { hmac, openAiRest, type VoiceProxyOptions } from '../../src/index.ts';
import { eventually } from '../support/eventually.ts';
import { rawAnswer, rawPost } from '../support/http-bench.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import { PAGE, startRestMock, type RestMock } from '../support/rest-bench.ts';
import { HMAC_SECRET, signedHeaders } from '../support/sign-request.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';

const SDP = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\n';
const CALLS = '/openai/v1/realtime/calls';
const session = {
  type: 'realtime',
  model: 'gpt-realtime',
  instructions: 'Be kind: \u00e4\u{1f600}',
} as const;

const start = (context: TestCleanup, proxy: Partial<VoiceProxyOptions> = {}): Promise<RestMock<'openai'>> =>
  startRestMock(context, 'openai', (baseUrl) => openAiRest({ apiKey: MOCK_SECRET, baseUrl }), { proxy });

type Part = readonly [name: string, value: string | Blob];

function formOf(...parts: readonly Part[]): FormData {
  const form = new FormData();
  for (const [name, value] of parts) form.append(name, value);
  return form;
}

const json = (value: unknown): string => JSON.stringify(value);
const GOOD: readonly Part[] = [
  ['sdp', SDP],
  ['session', json(session)],
];

interface Ask {
  readonly body: FormData | string | Buffer;
  readonly headers?: Record<string, string>;
  readonly search?: string;
}

const ask = ({ bench }: RestMock<'openai'>, { body, headers = {}, search = '' }: Ask): Promise<Response> =>
  fetch(bench.url + CALLS + search, {
    ...{ method: 'POST', body },
    headers: { authorization: `Bearer ${bench.token()}`, origin: PAGE, ...headers },
  });

/** The parts that the provider was sent, as its own parser reads them. */
async function partsOf({ mock }: RestMock<'openai'>): Promise<[string, string][]> {
  const { body, headers } = await mock.waitForDial(1);
  const type = new Map(headers).get('content-type') ?? '';
  const form = await new Response(body, { headers: { 'content-type': type } }).formData();
  return Promise.all(
    [...form].map(async ([name, value]) => [name, typeof value === 'string' ? value : await value.text()]),
  );
}

test("passes what OpenAI's SDK sends, with its types, and the real key", async (context) => {
  const rig = await start(context);
  const client = new OpenAI({
    apiKey: rig.bench.token(),
    baseURL: `${rig.bench.url}/openai/v1`,
    maxRetries: 0,
  });
  const answer = await client.realtime.calls.create({ sdp: SDP, session: { ...session } });
  expect(await answer.text()).toMatch(/^v=0\r\n/);
  expect(answer.headers.get('location')).toBe('/v1/realtime/calls/mock-call-1');
  const { body } = await rig.mock.waitForDial(1);
  const heads = body.toString().match(/(?<=^content-(?:disposition|type): ).*$/gim);
  expect(heads).toEqual([
    ...[expect.stringMatching(/^form-data; name="sdp"(; filename="")?$/), 'application/sdp'],
    ...[expect.stringMatching(/^form-data; name="session"(; filename="")?$/), 'application/json'],
  ]);
  expect(body.includes(`\r\n\r\n${SDP}\r\n--`)).toBe(true);
  expect(body.includes(`\r\n\r\n${json(session)}\r\n--`)).toBe(true);
  rig.mock.expectNoViolations();
});

test.for<[string, Part[]]>([
  ['as texts', [...GOOD]],
  ['as files', GOOD.map(([name, value]) => [name, new Blob([value])])],
  ['in another order', [...GOOD].toReversed()],
])('takes the fields %s', async ([, parts], context) => {
  const rig = await start(context);
  expect(
    (await ask(rig, { body: formOf(...parts), search: '?model=gpt-realtime&call_id=rtc_1' })).status,
  ).toBe(201);
  expect(await partsOf(rig)).toEqual([
    ['sdp', SDP],
    ['session', json(session)],
  ]);
  rig.mock.expectNoViolations();
});

const sessionOf = (more: object): Part[] => [
  ['sdp', SDP],
  ['session', json({ ...session, ...more })],
];

const FORM = { 'content-type': 'multipart/form-data; boundary=x' };
const written = (body: string): Ask => ({ body, headers: FORM });

const REFUSED: readonly (readonly [string, Part[], number, string])[] = [
  ['another model', sessionOf({ model: 'gpt-x' }), 403, 'session.model'],
  ['no model', sessionOf({ model: undefined }), 400, 'session.model'],
  ['a tool of OpenAI', sessionOf({ tools: [{ type: 'mcp' }] }), 403, 'session.tools'],
  ['a stored prompt', sessionOf({ prompt: { id: 'p' } }), 403, 'session'],
  ['no session', [['sdp', SDP]], 400, 'session.type'],
  ['no type', sessionOf({ type: undefined }), 400, 'session.type'],
  ['no description', [['session', json(session)]], 400, 'sdp'],
  [
    'a session that is a list',
    [
      ['sdp', SDP],
      ['session', '[]'],
    ],
    400,
    'The field session is no JSON object',
  ],
  [
    'a session that is no JSON',
    [
      ['sdp', SDP],
      ['session', '{'],
    ],
    400,
    'The field session is no JSON object',
  ],
  [
    'a deep session',
    [
      ['sdp', SDP],
      ['session', '['.repeat(65)],
    ],
    400,
    'The field session is nested deeper',
  ],
  [
    'a field twice',
    [
      ['sdp', SDP],
      ['sdp', SDP],
    ],
    400,
    'The form has sdp twice',
  ],
  [
    'another field',
    [
      ['sdp', SDP],
      ['model', 'x'],
    ],
    400,
    'The form may have sdp and session only',
  ],
  ['a field of every object', [['__proto__', '{}']], 400, 'The form may have sdp and session only'],
  ['too many bytes', [['sdp', 'v'.repeat(600_000)]], 413, 'larger than 524288 bytes'],
];

describe('a form', () => {
  test.for(REFUSED)('with %s is refused', async ([, parts, status, says], context) => {
    const rig = await start(context);
    const response = await ask(rig, { body: formOf(...parts) });
    const body = (await response.json()) as { error: { message: string } };
    expect([response.status, body.error.message]).toEqual([status, expect.stringContaining(says)]);
    expect(response.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(rig.mock.dials).toBe(0);
  });

  test.for<[string, Ask, number, string]>([
    ['without a boundary', { body: 'x', headers: { 'content-type': 'multipart/form-data' } }, 400, 'broken'],
    [
      'without an end',
      written('--x\r\ncontent-disposition: form-data; name="sdp"\r\n\r\nv=0'),
      400,
      'broken',
    ],
    [
      'of parts without names',
      written(`${'--x\r\na: b\r\n\r\nv=0\r\n'.repeat(3)}--x--\r\n`),
      400,
      'more than 2 parts',
    ],
    ['that is none', written('v=0'), 400, 'broken'],
    ['that is empty', written('--x--\r\n'), 400, 'sdp'],
    [
      'that is compressed',
      { ...written(''), headers: { ...FORM, 'content-encoding': 'gzip' } },
      415,
      'multipart',
    ],
    ['with another model in the query', { body: formOf(...GOOD), search: '?model=gpt-x' }, 403, 'parameter'],
  ])('%s is refused', async ([, asked, status, says], context) => {
    const rig = await start(context);
    const response = await ask(rig, asked);
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(says)]);
    expect(rig.mock.dials).toBe(0);
  });
});

test('a form that does not come in time is refused', async (context) => {
  const { bench, mock } = await start(context);
  const head = ['content-length: 100', `content-type: ${FORM['content-type']}`];
  const client = await bench.raw(rawPost(bench, CALLS, head, '--x\r\n'));
  await eventually(
    () => bench.clock.pending() > 0,
    () => 'the body to be read',
  );
  bench.clock.advance(30_000);
  expect(await rawAnswer(client)).toMatchObject({ status: 408 });
  expect(mock.dials).toBe(0);
});

test.for([
  ['the signed', '', 201],
  ['another', ' ', 401],
] as const)('passes %s form', async ([, more, status], context) => {
  const auth = hmac({ secrets: { 'backend-1': HMAC_SECRET } });
  const rig = await start(context, { auth });
  const encoded = new Response(formOf(...GOOD));
  const body = Buffer.from(await encoded.arrayBuffer());
  const signed = signedHeaders({ target: CALLS, body: body.toString() + more, nowMs: rig.bench.clock.now() });
  const type = encoded.headers.get('content-type') ?? '';
  const response = await ask(rig, { body, headers: { ...signed, 'content-type': type, authorization: '' } });
  expect([response.status, rig.mock.dials]).toEqual([status, status === 201 ? 1 : 0]);
});
