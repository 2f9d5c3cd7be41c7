import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  type ApiForm,
  deepgramRest,
  hmac,
  http,
  type HttpCallOptions,
  type HttpOptions,
  type JsonRules,
} from '../../src/index.ts';
import { eventually } from '../support/eventually.ts';
import { rawAnswer, rawPost, startHttpBench } from '../support/http-bench.ts';
import { anthropicAt, ASKED, MESSAGES, REST_KEY, startRestScript } from '../support/rest-bench.ts';
import type { UpstreamScript } from '../support/http-upstream.ts';
import { answerJson } from '../support/claude-script.ts';
import { HMAC_SECRET, signedHeaders } from '../support/sign-request.ts';

const LISTEN = '/deepgram/v1/listen';
const listening = (baseUrl: string): ReturnType<typeof deepgramRest> =>
  deepgramRest({ apiKey: REST_KEY, baseUrl, maxAudioBytes: 1_000_000 });

test('gives up a provider that switches protocols, and outlives its reset', async (context) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.once('data', () => socket.write('HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  context.onTestFinished(() => void server.close());
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bench = await startHttpBench(context, { routes: anthropicAt()(baseUrl) });
  expect((await bench.post(MESSAGES, ASKED)).status).toBe(502);
  await eventually(
    () => sockets[0]?.destroyed === true || sockets[0]?.readableEnded === true,
    () => 'the connection to be given up',
  );
  sockets[0]?.resetAndDestroy();
  expect((await bench.post(MESSAGES, ASKED)).status).toBe(502);
});

test('refuses a target with a fragment, which would take what stands behind it away', async (context) => {
  const { bench, upstream } = await startRestScript(context, answerJson(200, {}));

  const query = await bench.raw(rawPost(bench, `${MESSAGES}?a=1#x`, ['Content-Length: 2'], '{}'));
  expect((await rawAnswer(query)).status).toBe(400);
  expect(upstream.requests).toHaveLength(0);
});

test.for(['audio/wav, application/json', 'audio/wav;x=1,application/json'])(
  'takes no list of types for one, such as %s',
  async (type, context) => {
    const { bench, upstream } = await startRestScript(context, answerJson(200, {}), listening);
    const answer = await bench.post(LISTEN, '{"url":"http://inside.test"}', { 'Content-Type': type });
    expect(answer.status).toBe(415);
    expect(upstream.requests).toHaveLength(0);
  },
);

test('keeps part of a key out of errors that do not call themselves so', async (context) => {
  const told = { err_code: 'Bad Request', err_msg: `token ${REST_KEY.slice(0, 16)}****** may not` };
  const { bench } = await startRestScript(context, answerJson(400, told), listening);
  const answer = await bench.post(LISTEN, 'sound', { 'Content-Type': 'audio/wav' });
  expect([answer.status, answer.body]).toEqual([400, { err_code: 'Bad Request', err_msg: '[redacted]' }]);
});

test('gives no provider the whole of a body that is not the signed one', async (context) => {
  const waits: UpstreamScript = (_response, _request, whole) => whole();
  const auth = hmac({ secrets: { 'backend-1': HMAC_SECRET } });
  const { bench, upstream } = await startRestScript(context, waits, listening, { auth });
  const signed = signedHeaders({ target: LISTEN, body: 'signed', nowMs: bench.clock.now() });
  const headers = { ...signed, 'Content-Type': 'audio/wav' };
  const answer = await fetch(bench.url + LISTEN, { method: 'POST', headers, body: 'f'.repeat(500_000) });
  expect(answer.status).toBe(401);
  await upstream.until(() => upstream.requests[0]?.isGone === true, 'the request to be broken off');
  expect(upstream.requests[0]).toMatchObject({ isWhole: false });
});

const IMAGE = { type: 'image', source: { type: 'url', url: 'http://inside.test/x.png' } };
const FILE = { type: 'image', source: { type: 'file', file_id: 'file_1' } };
const within = (block: object): object => ({
  type: 'document',
  source: { type: 'content', content: [block] },
});

test.for([
  ['an image at an address', IMAGE],
  ['a document at an address', { type: 'document', source: { type: 'url', url: 'https://evil.test/x.pdf' } }],
  ['a file of the workspace in a document', within(FILE)],
  ['an image at an address in a document', within(IMAGE)],
  ['one in the result of a tool', { type: 'tool_result', tool_use_id: 't', content: [within(IMAGE)] }],
] as const)('has the provider fetch nothing: %s', async ([, block], context) => {
  const { bench, upstream } = await startRestScript(context, answerJson(200, {}));
  const { status } = await bench.post(MESSAGES, { ...ASKED, messages: [{ role: 'user', content: [block] }] });
  expect([status, upstream.requests.length]).toEqual([403, 0]);
});

test('passes an image that comes with its message', async (context) => {
  const { bench, upstream } = await startRestScript(context, answerJson(200, {}));
  const source = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
  const content = [
    { type: 'image', source },
    { type: 'text', text: 'What is it?' },
  ];
  const { status } = await bench.post(MESSAGES, { ...ASKED, messages: [{ role: 'user', content }] });
  expect([status, upstream.requests.length]).toEqual([200, 1]);
});

const CALL: HttpCallOptions = { method: 'GET', path: '/v1/voices/{voice}' };
const bodyWith = (rules: JsonRules): Partial<HttpOptions> => ({
  calls: [{ method: 'POST', path: '/v1/x', body: { kind: 'json', maxBytes: 9, rules } }],
});
const rules = { listed: { 'tools[*].model': ['a'] } };
const FORM: ApiForm = { maxBytes: 9, fields: { sdp: 'application/sdp' }, rules: {}, query: {} };
const TAKING: HttpCallOptions = {
  ...{ method: 'POST', path: '/v1/x', form: FORM },
  body: { kind: 'stream', maxBytes: 9, types: ['application/sdp'] },
};

test.for([
  ['a list for what is no variable', { calls: [{ ...CALL, listed: { voice_id: ['a'] } }] }],
  ['one call twice', { calls: [CALL, CALL] }],
  [
    'a user’s header that passes',
    {
      clientCredential: [{ in: 'header', name: 'x-user', format: '{key}' }],
      requestHeaders: ['x-user'],
    },
  ],
  ['a slot that is never found', { clientCredential: [{ in: 'header', name: 'X-User', format: '{key}' }] }],
  ['an id of answers in place of ours', { answerHeaders: ['x-request-id'] }],
  ['a cookie of the provider', { answerHeaders: ['set-cookie'] }],
  ['the provider’s word on who may read', { answerHeaders: ['access-control-allow-origin'] }],
  ['a header that signs', { requestHeaders: ['x-voxproxy-signature'] }],
  ['a header of proxies in front', { requestHeaders: ['x-forwarded-for'] }],
  ['one place that is many', bodyWith(rules)],
  ['a place that requires, and is many', bodyWith({ requiredBy: { 'tools[*].type': { a: ['x'] } } })],
  ['a required place that is many', bodyWith({ requiredBy: { type: { a: ['*.x'] } } })],
  ['a form beside no stream', { calls: [{ ...CALL, method: 'POST', form: FORM }] }],
  ['a form beside JSON', { calls: [{ ...TAKING, body: { kind: 'json', maxBytes: 9, rules: {} } }] }],
  ['a form without a limit', { calls: [{ ...TAKING, form: { ...FORM, maxBytes: NaN } }] }],
  ['a field without a type', { calls: [{ ...TAKING, form: { ...FORM, fields: { sdp: '' } } }] }],
  ['a field that breaks a line', { calls: [{ ...TAKING, form: { ...FORM, fields: { 'a\r\nb': 'a/b' } } }] }],
  ['a form with one place that is many', { calls: [{ ...TAKING, form: { ...FORM, rules } }] }],
] as [string, Partial<HttpOptions>][])('refuses to start with %s', ([, wrong]) => {
  const right = { url: 'https://api.test', apiKey: REST_KEY, prefix: '/x', calls: [CALL] };
  expect(() => http(right)).not.toThrow();
  expect(() => http({ ...right, calls: [TAKING] })).not.toThrow();
  expect(() => http({ ...right, ...wrong })).toThrow(/^http\(\)\./);
});
