import { expect, test, type TestContext } from 'vitest';
import { http, type HttpCallOptions, type HttpOptions } from '../../src/index.ts';
import { rawPost, toAnswer, type HttpBench } from '../support/http-bench.ts';
import { PAGE, REST_KEY, startRestScript, type RestScript, type ToRoutes } from '../support/rest-bench.ts';
import type { UpstreamScript } from '../support/http-upstream.ts';

const CALLS: readonly HttpCallOptions[] = [
  {
    method: 'GET',
    path: '/v1/voices/{voice}',
    listed: { voice: ['anna', 'ben-*'] },
    query: { only: ['page'] },
  },
  {
    ...{ method: 'POST', path: '/v1/audio/{name}' },
    body: { kind: 'stream', maxBytes: 1_000, types: ['audio/*'] },
  },
];

const toApi =
  (more: Partial<HttpOptions> = {}): ToRoutes =>
  (url) =>
    http({
      ...{ url: `${url}/base`, apiKey: REST_KEY, prefix: '/x', calls: CALLS },
      upstreamAuth: { in: 'header', name: 'x-key', format: 'k {key}' },
      clientCredential: [
        { in: 'query', name: 'api_key', format: '{key}' },
        { in: 'header', name: 'x-key', format: '{key}' },
      ],
      ...{ requestHeaders: ['x-version'], answerHeaders: ['x-made', 'location'], headers: { 'x-app': 'a' } },
      ...more,
    });

const echo: UpstreamScript = async (response, _request, whole) => {
  await whole();
  response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"ok":true}');
};
const start = (context: TestContext, script = echo, more?: Partial<HttpOptions>): Promise<RestScript> =>
  startRestScript(context, script, toApi(more));

const get = (bench: HttpBench, target: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(bench.url + target, { headers: { authorization: `Bearer ${bench.token()}`, ...headers } });

test('sends nothing of a request but what its call lets pass', async (context) => {
  const { bench, upstream } = await start(context);
  const token = bench.token();
  const headers = {
    'x-version': '7',
    'x-other': 'o',
    cookie: 'c=1',
    'accept-encoding': 'gzip',
    'x-key': token,
  };
  const { status, body } = await toAnswer(
    await fetch(`${bench.url}/x/v1/voices/ben-2?page=3&other=4&api_key=${token}&token=${token}`, { headers }),
  );
  expect([status, body]).toEqual([200, { ok: true }]);
  const [asked] = upstream.requests;
  expect(asked).toMatchObject({ method: 'GET', target: '/base/v1/voices/ben-2?page=3' });
  const sent = { 'accept-encoding': 'identity', 'x-version': '7', 'x-app': 'a', 'x-key': `k ${REST_KEY}` };
  expect(asked?.headers).toMatchObject(sent);
  expect(Object.keys(asked?.headers ?? {}).sort()).toEqual(
    [...Object.keys(sent), 'connection', 'host'].sort(),
  );
});

test.for([{ 'x-key': 'other' }, { authorization: 'Bearer other' }])(
  'refuses two different tokens, the second as %o',
  async (headers, context) => {
    const { bench, upstream } = await start(context);
    const target = `/x/v1/voices/anna?api_key=${bench.token()}`;
    const { status, body } = await toAnswer(await fetch(bench.url + target, { headers }));
    expect([status, body]).toMatchObject([400, { error: 'bad_request' }]);
    expect(upstream.requests).toEqual([]);
  },
);

test.for([
  ...['../secrets', '..%2fsecrets', '%2e%2e', 'a%2fb', 'a%252fb', 'a@evil.test', 'a%0d%0aX:y', 'a;b', '.'],
  ...['a%00', 'a'.repeat(65), '{voice}', '..', 'a?b=/../', ''],
])('takes no name like %j to the provider', async (name, context) => {
  const { bench, upstream } = await start(context, echo, {
    calls: [{ method: 'GET', path: '/v1/voices/{voice}' }],
  });
  const request = [`GET /x/v1/voices/${name} HTTP/1.1`, `Host: 127.0.0.1:${bench.port}`];
  const auth = `Authorization: Bearer ${bench.token()}`;
  const client = await bench.raw(Buffer.from(`${[...request, auth].join('\r\n')}\r\n\r\n`, 'latin1'));
  const { status } = await client.response();
  const targets = upstream.requests.map(({ target }) => target);
  expect([status, targets]).toEqual(name === 'a?b=/../' ? [200, ['/base/v1/voices/a']] : [404, []]);
});

test('refuses a name that is not listed', async (context) => {
  const { bench, upstream } = await start(context);
  const { status, body } = await toAnswer(await get(bench, '/x/v1/voices/carl'));
  expect([status, body['message']]).toEqual([403, 'This voice is not allowed here.']);
  expect(upstream.requests).toEqual([]);
});

test.for(['/x', '/x/v1', '/x/v1/voices', '/x/v1/voices/anna/', '/base/v1/voices/anna', '/v1/voices/anna'])(
  'is not there at %s',
  async (path, context) => {
    const { bench, upstream } = await start(context);
    expect((await get(bench, path)).status).toBe(404);
    expect(upstream.requests).toEqual([]);
  },
);

test('answers a preflight of an allowed page with the headers it asks for, and no other page', async (context) => {
  const { bench } = await start(context);
  const ask = (origin: string): Promise<Response> =>
    fetch(`${bench.url}/x/v1/voices/anna`, {
      method: 'OPTIONS',
      headers: {
        ...{ origin, 'access-control-request-method': 'GET' },
        'access-control-request-headers': 'x-key,x-stainless-lang',
      },
    });
  const [own, foreign] = [await ask(PAGE), await ask('https://evil.test')];
  expect([own.status, own.headers.get('access-control-allow-headers')]).toEqual([
    204,
    'x-key,x-stainless-lang',
  ]);
  expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null]);
});

test('streams a body up, and cuts off one that is longer than it may be', async (context) => {
  const { bench, upstream } = await start(context);
  const ask = async (size: number): Promise<number> => {
    const lines = ['Content-Type: audio/wav', 'Transfer-Encoding: chunked'];
    const body = `${size.toString(16)}\r\n${'s'.repeat(size)}\r\n0\r\n\r\n`;
    const client = await bench.raw(rawPost(bench, '/x/v1/audio/one', lines, body));
    return (await client.response()).status;
  };
  const [fits, breaks] = [await ask(1_000), await ask(1_001)];
  expect([fits, breaks]).toEqual([200, 413]);
  expect(upstream.requests[0]).toMatchObject({ isWhole: true, body: Buffer.from('s'.repeat(1_000)) });
  await upstream.until(() => upstream.requests[1]?.isGone !== false, 'the second request to be given up');
  expect(upstream.requests[1]?.isWhole ?? false).toBe(false);
});

test('serves one host alone where the prefix names it', async (context) => {
  const { bench } = await start(context, echo, { prefix: '//voice.test/x' });
  const ask = async (host: string): Promise<number> => {
    const lines = [
      `GET /x/v1/voices/anna HTTP/1.1`,
      `Host: ${host}`,
      `Authorization: Bearer ${bench.token()}`,
    ];
    const client = await bench.raw(`${lines.join('\r\n')}\r\n\r\n`);
    return (await client.response()).status;
  };
  expect([await ask('voice.test:1'), await ask('VOICE.test'), await ask('other.test')]).toEqual([
    200, 200, 404,
  ]);
});

test('logs the path with its variables unfilled', async (context) => {
  const { bench } = await start(context);
  await (await get(bench, '/x/v1/voices/anna')).text();
  expect(bench.logs).toMatchObject([{ route: '/x/v1/voices/{voice}', status: 200 }]);
});
