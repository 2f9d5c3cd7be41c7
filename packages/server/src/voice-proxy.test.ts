import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { none } from './auth/none.ts';
import { ConfigError } from './errors.ts';
import type { VoiceProxyOptions } from './options.ts';
import { deepgram } from './upstream/presets/deepgram.ts';
import { VERSION } from './version.ts';
import { createVoiceProxy, type VoiceProxy } from './voice-proxy.ts';
import { rawUpgrade } from '../test/support/raw-client.ts';
import type { TestCleanup } from '../test/support/test-cleanup.ts';

const route = deepgram({ apiKey: 'k'.repeat(40), agentUrl: 'ws://127.0.0.1:9/' });

function create(more: Partial<VoiceProxyOptions> = {}): VoiceProxy {
  return createVoiceProxy({ auth: none(), routes: { '/proxy': route }, logger: false, ...more });
}

async function serve(
  test: TestCleanup,
  listener?: RequestListener,
): Promise<{ server: Server; url: string; port: number }> {
  const server = createServer(listener ?? ((_, response) => response.end('application'))).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  test.onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}` };
}

async function get(url: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

const statusOf = async (test: TestCleanup, port: number, target: string): Promise<number> =>
  (await (await rawUpgrade(test, { port, target })).response()).status;

describe('handle() inside plain node:http', () => {
  it('answers the routes’ own paths, and the rest with a JSON 404', async (test) => {
    const proxy = create();
    const { url } = await serve(test, (request, response) => proxy.handle(request, response));
    expect(await get(`${url}/proxy`)).toMatchObject({ status: 426, body: { error: 'upgrade_required' } });
    for (const path of ['/', '/health', '/ready', '/other', '/proxy/', '/Proxy', '/__proto__', '/%70roxy']) {
      expect(await get(url + path)).toMatchObject({ status: 404, body: { error: 'not_found' } });
    }
  });

  it('owns /, /health and /ready under its base path', async (test) => {
    const proxy = create({ basePath: '/voice' });
    const { url } = await serve(test, (request, response) => proxy.handle(request, response));
    const state = { service: 'voxproxy', version: VERSION, websocket: ['/voice/proxy'] };
    const paths = { health: '/voice/health', ready: '/voice/ready' };
    expect(await get(`${url}/voice`)).toEqual({ status: 200, body: { ...state, ...paths } });
    expect(await get(`${url}/voice/health`)).toMatchObject({ status: 200, body: { status: 'healthy' } });
    expect(await get(`${url}/voice/ready`)).toMatchObject({ status: 200, body: { status: 'ready' } });
    for (const path of ['/', '/health', '/proxy', '/voice/', '/voicehealth']) {
      expect(await get(url + path)).toMatchObject({ status: 404 });
    }
  });

  it('gives what is not its own to next, untouched', async (test) => {
    const proxy = create();
    const { url } = await serve(test, (request, response) =>
      proxy.handle(request, response, () => response.end(`next ${request.method} ${request.url}`)),
    );
    expect(await get(`${url}/health?a=1`)).toEqual({ status: 200, body: 'next GET /health?a=1' });
    expect(await get(`${url}/x`, { method: 'POST' })).toEqual({ status: 200, body: 'next POST /x' });
    expect(await get(`${url}/proxy`)).toMatchObject({ status: 426 });
  });
});

describe('attach()', () => {
  it('serves its routes and leaves the application’s requests alone', async (test) => {
    const { server, url, port } = await serve(test);
    const detach = create().attach(server);
    expect(await get(`${url}/proxy`)).toEqual({ status: 200, body: 'application' });
    expect(await statusOf(test, port, '/other')).toBe(404);
    // Nothing listens where the upstream should be: told over the socket.
    expect(await statusOf(test, port, '/proxy')).toBe(101);
    detach();
    expect(server.listenerCount('upgrade')).toBe(0);
  });

  it('twice answers each upgrade once', async (test) => {
    const { server, port } = await serve(test);
    const proxy = create();
    proxy.attach(server);
    proxy.attach(server);
    const client = await rawUpgrade(test, { port, target: '/proxy' });
    await client.waitForClose();
    expect(client.received.toString('latin1').split('HTTP/1.1').length).toBe(2);
  });

  it('is undone by close(), which may be called twice and after detaching', async (test) => {
    const { server } = await serve(test);
    const [proxy, other] = [create(), create({ routes: { '/b': route } })];
    const detach = proxy.attach(server);
    detach();
    other.attach(server);
    await proxy.close();
    await proxy.close();
    expect(server.listenerCount('upgrade')).toBe(1);
    await other.close();
    detach();
    expect(server.listenerCount('upgrade')).toBe(0);
    expect(server.listening).toBe(true);
  });
});

describe('listen()', () => {
  it('serves everything at its root, and says where', async (test) => {
    const proxy = create();
    test.onTestFinished(() => proxy.close());
    const { url, port } = await proxy.listen();
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(await get(url)).toMatchObject({ status: 200, body: { websocket: ['/proxy'], health: '/health' } });
    expect(await get(`${url}/health`)).toMatchObject({
      status: 200,
      body: { service: 'voxproxy', version: VERSION },
    });
    expect(await get(`${url}/none`)).toMatchObject({ status: 404, body: { error: 'not_found' } });
    expect(await statusOf(test, port, '//')).toBe(400);
  });

  it('rejects when the address is taken', async (test) => {
    const { port } = await serve(test);
    await expect(create().listen({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('leaves nothing listening when close() came while it was pending', async (test) => {
    const { server, port } = await serve(test);
    server.close();
    await once(server, 'close');
    const proxy = create();
    const pending = proxy.listen({ port });
    await proxy.close();
    const listening = await pending.catch(() => undefined);
    expect(listening?.server.listening ?? false).toBe(false);
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  });

  it('is not ready while it drains, still healthy, and gone after close()', async () => {
    const proxy = create();
    const { url, port } = await proxy.listen();
    await proxy.drain();
    expect(await get(`${url}/ready`)).toEqual({ status: 503, body: { status: 'draining' } });
    expect(await get(`${url}/health`)).toMatchObject({ status: 200 });
    await proxy.close();
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  });
});

describe('createVoiceProxy()', () => {
  it('names the option that cannot work, also an origin', () => {
    expect(() => create({ routes: {} })).toThrow(ConfigError);
    expect(() => create({ origins: ['app.test'] })).toThrow(/^origins: "app\.test" is not an origin/);
  });

  it('opens nothing and has no sessions until it is used', () => {
    expect(create().sessions).toBe(0);
  });
});
