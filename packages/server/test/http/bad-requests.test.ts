import { expect, test } from 'vitest';
import { QUESTION, startClaude } from '../support/claude-bench.ts';
import { eventually } from '../support/eventually.ts';
import { rawAnswer, rawPost, toAnswer, type HttpBench } from '../support/http-bench.ts';
import { headerOf } from '../support/raw-client.ts';

const PATH = '/api/query';
const good = JSON.stringify(QUESTION);
const SIZED = ['Content-Type: application/json', `Content-Length: ${good.length}`];

const bearer = (bench: HttpBench): Record<string, string> => ({ Authorization: `Bearer ${bench.token()}` });

test.for(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'OPTIONS'])(
  'answers %s on a path for POST with 405 in JSON',
  async (method, context) => {
    const { bench, upstream } = await startClaude(context);
    const lines = [`${method} ${PATH} HTTP/1.1`, `Host: 127.0.0.1:${bench.port}`, 'Connection: close'];
    const client = await bench.raw(`${lines.join('\r\n')}\r\n\r\n`);
    const response = await client.response();
    expect([response.status, headerOf(response, 'allow')]).toEqual([405, 'POST, OPTIONS']);
    expect(headerOf(response, 'content-type')).toBe('application/json; charset=utf-8');
    const body = (await client.body()).toString();
    expect(body === '' ? method : JSON.parse(body).error).toBe(
      method === 'HEAD' ? 'HEAD' : 'method_not_allowed',
    );
    expect(upstream.requests).toEqual([]);
  },
);

test('answers HEAD where it answers GET, without a body', async (context) => {
  const { bench } = await startClaude(context);
  const init = { method: 'HEAD', headers: bearer(bench) };
  const response = await fetch(`${bench.url}/api/rate-limit-status`, init);
  expect([response.status, await response.text()]).toEqual([200, '']);
  const post = await fetch(`${bench.url}/api/rate-limit-status`, { ...init, method: 'POST' });
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
});

test.for(['/api/query/', '/API/query', '/api//query', '/api/%71uery', '/api/query%00', '/api/nothing'])(
  'answers %s with 404 in JSON',
  async (path, context) => {
    const { bench } = await startClaude(context);
    const { status, body } = await bench.post(path, QUESTION);
    expect([status, body['error']]).toEqual([404, 'not_found']);
  },
);

test.for([
  ['two lengths', [...SIZED, 'Content-Length: 3'], 400],
  ['a length beside chunks', [...SIZED, 'Transfer-Encoding: chunked'], 400],
  ['a length that is none', ['Content-Length: -1'], 400],
  ['a header without a name', [': x'], 400],
  ['a head of 20 KB', [`X-Long: ${'x'.repeat(20_000)}`], 431],
] as const)('refuses %s in JSON, and asks nobody', async ([, lines, status], context) => {
  const { bench, upstream } = await startClaude(context);
  const client = await bench.raw(rawPost(bench, PATH, lines, good));
  expect((await client.response()).status).toBe(status);
  expect(JSON.parse((await client.body()).toString())).toMatchObject({ error: 'bad_request' });
  expect(upstream.requests).toEqual([]);
});

test('refuses two different tokens, and takes the same one twice', async (context) => {
  const { bench } = await startClaude(context);
  const token = bench.token();
  const other = bench.token({ claims: { sub: 'bob' } });
  const headers = { Authorization: `Bearer ${token}` };
  expect((await bench.post(`${PATH}?token=${token}`, QUESTION, headers)).status).toBe(200);
  const refused = await bench.post(`${PATH}?token=${other}`, QUESTION, headers);
  expect([refused.status, refused.body['error']]).toEqual([400, 'bad_request']);
  const doubled = [`Authorization: Bearer ${other}`, ...SIZED];
  expect(await rawAnswer(await bench.raw(rawPost(bench, PATH, doubled, good)))).toMatchObject({
    status: 400,
  });
});

test.for([
  ['no token', () => ({ Authorization: '' }), 'auth_required'],
  ['a token that is none', () => ({ Authorization: 'Bearer x.y.z' }), 'auth_invalid'],
  [
    'a token of yesterday',
    (bench: HttpBench) => ({
      Authorization: `Bearer ${bench.token({ nowMs: bench.clock.now() - 86_400_000 })}`,
    }),
    'auth_expired',
  ],
] as const)('refuses %s with 401 and what is wrong', async ([, headers, error], context) => {
  const { bench, upstream } = await startClaude(context);
  const { status, body } = await bench.post(PATH, QUESTION, headers(bench));
  expect([status, body['error'], typeof body['message']]).toEqual([401, error, 'string']);
  expect(upstream.requests).toEqual([]);
});

test('takes the token from the query too', async (context) => {
  const { bench } = await startClaude(context);
  expect((await bench.post(`${PATH}?to%6ben=${bench.token()}`, QUESTION, { Authorization: '' })).status).toBe(
    200,
  );
});

test.for([
  ['a query that is too long', `${PATH}?a=${'x'.repeat(13_000)}`, [], 414],
  ['a Host that is none', PATH, ['Host: a b'], 400],
  ['600 headers', PATH, Array.from({ length: 600 }, (_, at) => `X${at}: 1`), 431],
] as const)('refuses %s', async ([, path, lines, status], context) => {
  const { bench } = await startClaude(context);
  const head = [
    `POST ${path} HTTP/1.1`,
    ...(status === 400 ? [] : [`Host: 127.0.0.1:${bench.port}`]),
    ...lines,
  ];
  const client = await bench.raw(`${[...head, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`);
  expect((await client.response()).status).toBe(status);
});

test('lets listed addresses in alone', async (context) => {
  const proxy = { ipAllowList: ['10.0.0.0/8'], trustedProxies: 1 };
  const { bench, upstream } = await startClaude(context, { proxy });
  const from = async (address: string): Promise<unknown> => {
    const { status, body } = await bench.post(PATH, QUESTION, { 'X-Forwarded-For': address });
    return [status, body['error']];
  };
  expect(await from('192.0.2.1')).toEqual([403, 'policy_violation']);
  expect(await from('10.1.2.3, 192.0.2.1')).toEqual([403, 'policy_violation']);
  expect(upstream.requests).toEqual([]);
  expect(await from('10.1.2.3')).toEqual([200, undefined]);
});

test('refuses new requests while it drains, and lets running ones end', async (context) => {
  const { bench, upstream } = await startClaude(context, { script: () => undefined });
  const running = bench.post(PATH, QUESTION);
  await upstream.until(() => upstream.requests.length === 1, 'the request');
  const drained = bench.proxy.drain(1_000);
  expect(await bench.post(PATH, QUESTION)).toMatchObject({ status: 503, body: { error: 'draining' } });
  bench.clock.advance(1_000);
  await drained;
  expect(await running).toMatchObject({ status: 503, body: { error: 'draining' } });
});

test('keeps the application’s failure out of the answer', async (context) => {
  const auth = { title: 'failing', authenticate: () => Promise.reject(new Error('private text')) };
  const { bench } = await startClaude(context, { proxy: { auth } });
  const { status, body } = await bench.post(PATH, QUESTION);
  expect([status, body['error']]).toEqual([503, 'auth_unavailable']);
  expect(JSON.stringify([body, bench.logs])).not.toContain('private');
});

test('gives the application’s check of a token no more than its time', async (context) => {
  const auth = { title: 'hanging', authenticate: () => new Promise<never>(() => {}) };
  const { bench } = await startClaude(context, { proxy: { auth } });
  const answer = fetch(bench.url + PATH, {
    method: 'POST',
    body: good,
    headers: { 'Content-Type': 'application/json' },
  });
  await eventually(
    () => bench.clock.pending() === 1,
    () => 'the check to begin',
  );
  bench.clock.advance(10_000);
  expect(await toAnswer(await answer)).toMatchObject({ status: 503, body: { error: 'auth_unavailable' } });
});

test.for([
  ['an expectation that nobody knows', 'Host: h\r\nExpect: x\r\n', 417, 'expectation_failed'],
  ['no Host', '', 400, 'bad_request'],
] as const)('refuses %s in JSON, on any path', async ([, lines, status, error], context) => {
  const { bench } = await startClaude(context);
  for (const path of ['/health', PATH]) {
    const client = await bench.raw(`GET ${path} HTTP/1.1\r\n${lines}\r\n`);
    expect(await rawAnswer(client)).toMatchObject({ status, body: { error } });
  }
});
