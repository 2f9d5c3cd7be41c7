import { expect, test } from 'vitest';
import { deepgram, hmac } from '../../src/index.ts';
import { startBench } from '../support/abuse-bench.ts';
import { startHttpBench } from '../support/http-bench.ts';
import { HMAC_SECRET, signedHeaders } from '../support/sign-request.ts';
import { MOCK_SECRET, startMock } from '../support/start-mock.ts';
import { expectWire } from '../support/wire-outcome.ts';
import { openWs } from '../support/ws-client.ts';

test('opens sockets for listed addresses alone, as trusted proxies tell them', async (context) => {
  const proxy = { ipAllowList: ['10.0.0.0/8'], trustedProxies: 1 };
  const bench = await startBench(context, { proxy });
  for (const address of ['192.0.2.1', '10.1.2.3, 192.0.2.1', 'x']) {
    const client = await bench.upgrade({ headers: { 'X-Forwarded-For': address } });
    await expectWire(client, { told: 'PolicyViolation' });
  }
  expect(bench.mock.dials).toBe(0);
  const client = await bench.upgrade({ headers: { 'X-Forwarded-For': '192.0.2.1, 10.1.2.3' } });
  expect((await client.response()).status).toBe(101);
});

test('opens a socket for a signed upgrade, once', async (context) => {
  const mock = await startMock(context, { scenario: 'echo' });
  const route = deepgram({ apiKey: MOCK_SECRET, agentUrl: mock.agentUrl, listenUrl: mock.listenUrl });
  const auth = hmac({ secrets: { 'backend-1': HMAC_SECRET } });
  const bench = await startHttpBench(context, { routes: { '/deepgram-proxy': route }, auth });
  const url = `ws://127.0.0.1:${bench.port}/deepgram-proxy`;
  const headers = signedHeaders({ method: 'GET', target: '/deepgram-proxy', nowMs: bench.clock.now() });
  await openWs(context, url, { headers });
  const again = await openWs(context, url, { headers });
  expect((await again.waitForClose()).reason).toBe('auth_invalid');
});
