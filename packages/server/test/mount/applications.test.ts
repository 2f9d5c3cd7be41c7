import express from 'express';
import { expect, test, type TestContext } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import type { VoiceProxy, VoiceProxyOptions } from '../../src/index.ts';
import { makeToken } from '../support/make-token.ts';
import { startMock } from '../support/start-mock.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';
import { openWs } from '../support/ws-client.ts';
import { type Application, expectEcho, makeProxy, serveApplication } from './serve-application.ts';

async function answerOf(url: string, init: RequestInit = {}): Promise<[number, unknown]> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return [response.status, isJson ? JSON.parse(text) : text];
}

/** An Express 5 application that parses bodies before anything else, with the proxy in the middle. */
async function serveExpress(
  context: TestContext,
  options: Partial<VoiceProxyOptions> = {},
): Promise<{ application: Application; proxy: VoiceProxy }> {
  const mock = await startMock(context, { scenario: 'echo' });
  const proxy = makeProxy(context, mock, options);
  const app = express();
  app.use(express.json());
  app.use(proxy.handle);
  app.get('/', (_request, response) => void response.send('the application'));
  app.post('/notes', (request, response) => void response.json({ noted: request.body as unknown }));
  const application = await serveApplication(context, app);
  proxy.attach(application.server);
  return { application, proxy };
}

const upgradeRequired = [426, { error: 'upgrade_required', message: expect.any(String) }];

test('serves its route on a plain node:http server, which keeps its requests', async (context) => {
  const mock = await startMock(context, { scenario: 'echo' });
  const application = await serveApplication(context);
  makeProxy(context, mock).attach(application.server);
  const client = await application.open('/deepgram-proxy');
  await expectEcho(client);
  expect(await answerOf(application.url('/'))).toEqual([200, 'the application']);
  expect(await client.close(NORMAL_CLOSURE, 'done')).toEqual({ code: NORMAL_CLOSURE, reason: 'done' });
});

test('serves its route in an Express application with body parsing before it', async (context) => {
  const { application } = await serveExpress(context);
  const client = await application.open('/deepgram-proxy');
  await expectEcho(client);
  client.send(Buffer.alloc(100_000));
  expect(await client.waitForFrame(({ kind }) => kind === 'binary')).toMatchObject({
    payload: Buffer.alloc(100_000),
  });
  const body = JSON.stringify({ text: 'x' });
  const headers = { 'Content-Type': 'application/json' };
  expect(await answerOf(application.url('/notes'), { method: 'POST', body, headers })).toEqual([
    200,
    { noted: { text: 'x' } },
  ]);
});

test("leaves an application's own paths to it, `/health` among them, unless it has a base path", async (context) => {
  const { application } = await serveExpress(context);
  expect(await answerOf(application.url('/'))).toEqual([200, 'the application']);
  for (const path of ['/health', '/ready', '/nowhere', '/deepgram-proxy/', '/Deepgram-proxy'])
    expect(await answerOf(application.url(path))).toEqual([
      404,
      expect.stringContaining(`Cannot GET ${path}`),
    ]);
  expect(await answerOf(application.url('/deepgram-proxy'))).toEqual(upgradeRequired);
});

test('keeps everything below its base path', async (context) => {
  const { application, proxy } = await serveExpress(context, { basePath: '/voice' });
  await expectEcho(await application.open('/voice/deepgram-proxy'));
  expect(await answerOf(application.url('/voice/deepgram-proxy'))).toEqual(upgradeRequired);
  expect(await answerOf(application.url('/voice'))).toEqual([
    200,
    expect.objectContaining({ service: 'voxproxy', websocket: ['/voice/deepgram-proxy'] }),
  ]);
  expect(await answerOf(application.url('/voice/health'))).toEqual([
    200,
    expect.objectContaining({ status: 'healthy' }),
  ]);
  expect(await answerOf(application.url('/'))).toEqual([200, 'the application']);
  await expect(application.open('/deepgram-proxy')).rejects.toMatchObject({ status: 404 });
  void proxy.drain();
  expect(await answerOf(application.url('/voice/ready'))).toEqual([503, { status: 'draining' }]);
});

test('answers what is not its own with JSON where nobody comes after it', async (context) => {
  const mock = await startMock(context);
  const proxy = makeProxy(context, mock);
  const application = await serveApplication(context, (request, response) => proxy.handle(request, response));
  const notFound = [404, { error: 'not_found', message: expect.any(String) }];
  expect(await answerOf(application.url('/'))).toEqual(notFound);
  expect(await answerOf(application.url('/deepgram-proxy?token=x'))).toEqual(upgradeRequired);
});

test('answers its HTTP paths when it runs alone', async (context) => {
  const mock = await startMock(context);
  const proxy = makeProxy(context, mock);
  const { url } = await proxy.listen();
  expect(await answerOf(`${url}/`)).toEqual([
    200,
    {
      service: 'voxproxy',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      websocket: ['/deepgram-proxy'],
      health: '/health',
      ready: '/ready',
    },
  ]);
  expect(await answerOf(`${url}/health?probe=1`)).toEqual([
    200,
    {
      status: 'healthy',
      service: 'voxproxy',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      version: expect.any(String),
    },
  ]);
  expect(await answerOf(`${url}/ready`)).toEqual([200, { status: 'ready' }]);
  expect(await answerOf(`${url}/deepgram-proxy`)).toEqual(upgradeRequired);
  expect(await answerOf(`${url}/nowhere`)).toEqual([
    404,
    { error: 'not_found', message: expect.any(String) },
  ]);
  expect(mock.dials).toBe(0);
});

test('answers GET and HEAD only', async (context) => {
  const { url } = await makeProxy(context, await startMock(context)).listen();
  for (const path of ['/', '/health', '/deepgram-proxy']) {
    const response = await fetch(`${url}${path}`, { method: 'POST', body: '{}' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await response.json()).toMatchObject({ error: 'method_not_allowed' });
  }
  const head = await fetch(`${url}/health`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('lets no answer be cached or guessed at', async (context) => {
  const { url } = await makeProxy(context, await startMock(context)).listen();
  for (const path of ['/', '/health', '/ready', '/deepgram-proxy', '/nowhere']) {
    const { headers } = await fetch(`${url}${path}`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

test('speaks wss when it has a certificate', async (context) => {
  const proxy = makeProxy(context, await startMock(context, { scenario: 'echo' }));
  const { url, port } = await proxy.listen({ tls: TEST_CERTIFICATE });
  expect(url).toBe(`https://127.0.0.1:${port}`);
  const ca = TEST_CERTIFICATE.cert;
  const client = await openWs(context, `wss://127.0.0.1:${port}/deepgram-proxy?token=${makeToken()}`, {
    ca,
    origin: url,
  });
  await expectEcho(client);
  const stranger = openWs(context, `wss://127.0.0.1:${port}/deepgram-proxy`, {
    ca,
    origin: 'https://evil.example',
  });
  await expect(stranger).rejects.toMatchObject({ status: 403 });
  expect(await client.close(NORMAL_CLOSURE)).toMatchObject({ code: NORMAL_CLOSURE });
});

test('rejects when its address cannot be had, and can still listen elsewhere', async (context) => {
  const proxy = makeProxy(context, await startMock(context, { scenario: 'echo' }));
  const { port } = await serveApplication(context);
  await expect(proxy.listen({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const { url } = await proxy.listen();
  expect((await fetch(`${url}/ready`)).status).toBe(200);
});
