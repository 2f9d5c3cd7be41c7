import { get } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { TEST_CERTIFICATE } from '../../test/support/test-certificate.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { openListener, type ListenOptions, type Listening } from './listener.ts';
import { toHandle, type Router } from './router.ts';

/** Answers one path, as a router does. */
const router: Router = {
  answer(request, response) {
    if (request.url === '/own') response.end('own');
    return request.url === '/own';
  },
};

async function open(test: TestCleanup, options: ListenOptions = {}): Promise<Listening> {
  const listening = await openListener(options, toHandle(router), systemClock);
  test.onTestFinished(() => listening.close());
  return listening;
}

describe('openListener', () => {
  it('answers what the router knows, and a JSON 404 otherwise', async (test) => {
    const { url } = await open(test);
    expect(await (await fetch(`${url}/own`)).text()).toBe('own');
    const missing = await fetch(`${url}/other`);
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: 'not_found' });
  });

  it('speaks https with a certificate, and says so in its address', async (test) => {
    const { url, port } = await open(test, { tls: TEST_CERTIFICATE });
    expect(url).toBe(`https://127.0.0.1:${port}`);
    const [response] = (await once(get(`${url}/own`, { ca: TEST_CERTIFICATE.cert }), 'response')) as [
      IncomingMessage,
    ];
    response.resume();
    expect(response.statusCode).toBe(200);
  });

  it('speaks https with a certificate of its own making, which whoever is given it can trust', async (test) => {
    const { url, port, certificate = '' } = await open(test, { devTls: true });
    expect(url).toBe(`https://127.0.0.1:${port}`);
    for (const host of ['127.0.0.1', 'localhost']) {
      const request = get(`https://${host}:${port}/own`, { ca: certificate });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      expect(response.statusCode).toBe(200);
    }
    await expect(once(get(`${url}/own`), 'response')).rejects.toThrow('self-signed');
  });

  it('prefers the certificate that it is given', async (test) => {
    const { certificate } = await open(test, { devTls: true, tls: TEST_CERTIFICATE });
    expect(certificate).toBeUndefined();
  });

  it('writes an IPv6 address in brackets', async (test) => {
    const { url, port } = await open(test, { host: '::1' });
    expect(url).toBe(`http://[::1]:${port}`);
  });

  it('takes a head of 15 KB, for the longest token beside a provider’s parameters, and refuses one of 17 KB', async (test) => {
    const { url } = await open(test);
    const head = (bytes: number): RequestInit => ({ headers: { 'x-long': 'x'.repeat(bytes) } });
    expect((await fetch(`${url}/own`, head(15_000))).status).toBe(200);
    expect((await fetch(`${url}/own`, head(17_000))).status).toBe(431);
  });

  it('drops slow request heads sooner than Node would', async (test) => {
    const { server } = await open(test);
    expect(server.headersTimeout).toBe(10_000);
  });

  it('closes at once, also with a connection that has asked for nothing', async () => {
    const listening = await openListener({}, toHandle(router), systemClock);
    const idle = connect(listening.port, '127.0.0.1');
    await once(idle, 'connect');
    const gone = once(idle.resume(), 'close').catch(() => undefined);
    await listening.close();
    await gone;
    expect(listening.server.listening).toBe(false);
  });

  it('closes at once, also with a connection that never began its TLS handshake', async (test) => {
    const listening = await openListener({ tls: TEST_CERTIFICATE }, toHandle(router), systemClock);
    const accepted = once(listening.server, 'connection');
    const idle = connect(listening.port, '127.0.0.1');
    test.onTestFinished(() => void idle.destroy());
    await accepted;
    const gone = once(idle.resume(), 'close').catch(() => undefined);
    await listening.close();
    await gone;
    expect(listening.server.listening).toBe(false);
  });
});
