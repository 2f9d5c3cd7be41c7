import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { createVoiceProxy, deepgram, none } from '../../src/index.ts';
import { createTestSignal } from '../support/test-signal.ts';
import { type AbuseBench, startBench } from '../support/abuse-bench.ts';
import { eventually } from '../support/eventually.ts';
import { MOCK_SECRET, startMock } from '../support/start-mock.ts';
import { createTestClock } from '../support/test-clock.ts';
import { expectWire } from '../support/wire-outcome.ts';
import { openWs } from '../support/ws-client.ts';

const GRACE_MS = 30_000;

const url = ({ listening, target }: AbuseBench): string => `ws://127.0.0.1:${listening.port}${target()}`;

async function readiness({ listening }: AbuseBench): Promise<unknown[]> {
  const response = await fetch(`${listening.url}/ready`);
  return [response.status, await response.json()];
}

/** A client that was told has a moment to read it. */
const timersEnd = ({ clock }: AbuseBench): Promise<void> =>
  eventually(
    () => clock.pending() === 0,
    () => `${clock.pending()} timers of the proxy to end`,
  );

test('turns readiness off first, while its sessions go on', async (context) => {
  const bench = await startBench(context, { upstream: 'echo' });
  const client = await openWs(context, url(bench));
  expect(await readiness(bench)).toEqual([200, { status: 'ready' }]);
  const drained = bench.proxy.drain();
  expect(await readiness(bench)).toEqual([503, { status: 'draining' }]);
  expect((await fetch(`${bench.listening.url}/health`)).status).toBe(200);
  client.send('still here');
  await client.waitForFrame();
  expect(await client.close(NORMAL_CLOSURE, 'done')).toEqual({ code: NORMAL_CLOSURE, reason: 'done' });
  await drained;
  expect(bench.clock.pending()).toBe(0);
});

test('tells new clients over the socket that it is draining, and dials nothing for them', async (context) => {
  const bench = await startBench(context, { upstream: 'echo' });
  const client = await openWs(context, url(bench));
  const drained = bench.proxy.drain();
  await expectWire(await bench.upgrade(), { told: 'Draining' });
  expect(bench.mock.dials).toBe(1);
  await client.close();
  await drained;
  await expectWire(await bench.upgrade(), { told: 'Draining' });
});

test('closes the sessions that are left when the grace is over', async (context) => {
  const bench = await startBench(context, { upstream: 'echo' });
  const [client] = [await bench.upgrade()];
  client.send('x');
  await client.waitForMessage();
  const drained = bench.proxy.drain();
  bench.clock.advance(GRACE_MS - 1);
  expect(client.hasCloseFrame).toBe(false);
  bench.clock.advance(1);
  await expectWire(client, { ended: 'Draining' });
  const { closed } = await bench.mock.waitForSession();
  expect(await closed).toMatchObject({ code: NORMAL_CLOSURE });
  await drained;
  expect(bench.clock.pending()).toBe(0);
});

test('takes the grace that it is given, and lets a second call shorten it', async (context) => {
  const bench = await startBench(context, { upstream: 'echo' });
  const client = await bench.upgrade();
  await bench.mock.waitForSession();
  await client.response();
  const drained = Promise.all([bench.proxy.drain(60_000), bench.proxy.drain(1_000)]);
  bench.clock.advance(1_000);
  await expectWire(client, { ended: 'Draining' });
  await drained;
});

test('resolves at once when there is no session', async (context) => {
  const bench = await startBench(context);
  await bench.proxy.drain();
  await bench.proxy.drain();
  expect(bench.clock.pending()).toBe(0);
});

test('lets a session open that was being dialled when draining began', async (context) => {
  const bench = await startBench(context, { upstream: 'slowOpen' });
  const client = await bench.upgrade();
  await bench.mock.waitForDial(1);
  const drained = bench.proxy.drain();
  bench.mock.release();
  await client.waitForMessage(({ payload }) => payload.includes('Welcome'));
  client.close(NORMAL_CLOSURE);
  await expectWire(client, { passed: { code: NORMAL_CLOSURE, reason: '' } });
  await drained;
});

test('ends a session that is still being dialled when the grace is over', async (context) => {
  const bench = await startBench(context, { upstream: 'slowOpen' });
  const client = await bench.upgrade();
  await bench.mock.waitForDial(1);
  const drained = bench.proxy.drain(1_000);
  bench.clock.advance(1_000);
  await expectWire(client, { told: 'Draining' });
  await drained;
  await bench.mock.waitForIdle();
  await timersEnd(bench);
});

test('begins no session for a client that was being authenticated when draining began', async (context) => {
  const asked = createTestSignal();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const authenticate = async () => {
    asked.tell(undefined);
    await released;
    return { principal: { id: 'alice' } };
  };
  const bench = await startBench(context, { proxy: { auth: { title: 'a gate', authenticate } } });
  const client = await bench.upgrade();
  await asked.told();
  await bench.proxy.drain();
  release();
  await expectWire(client, { told: 'Draining' });
  expect(bench.mock.dials).toBe(0);
});

test('closes sessions at once when it is closed, and tells their clients', async (context) => {
  const bench = await startBench(context, { upstream: 'echo' });
  const client = await bench.upgrade();
  client.send('x');
  await client.waitForMessage();
  const closed = bench.proxy.close();
  await expectWire(client, { ended: 'Draining' });
  await closed;
  await bench.mock.waitForIdle();
  expect(bench.clock.pending()).toBe(0);
  await expect(fetch(bench.listening.url)).rejects.toThrow('fetch failed');
});

test('does not wait for a check of a token that hangs when it is closed', async (context) => {
  const asked = createTestSignal();
  const authenticate = () => asked.tell(new Promise<never>(() => {}));
  const bench = await startBench(context, { proxy: { auth: { title: 'hangs', authenticate } } });
  const client = await bench.upgrade();
  await asked.told();
  const closed = bench.proxy.close();
  await expectWire(client, { told: 'Draining' });
  await closed;
  await timersEnd(bench);
});

/** Listeners of everything that a proxy could have listened to on a server. */
const listenersOf = (server: Server): Record<string, number> =>
  Object.fromEntries(server.eventNames().map((name) => [String(name), server.listenerCount(name)]));

test('leaves an attached server as it found it, and running', async (context) => {
  const mock = await startMock(context, { scenario: 'echo' });
  const clock = createTestClock();
  const server = createServer((_request, response) => response.end('the application')).listen(0, '127.0.0.1');
  context.onTestFinished(() => void server.close());
  await once(server, 'listening');
  const before = { listeners: listenersOf(server), names: Object.getOwnPropertyNames(server) };
  const { port } = server.address() as AddressInfo;
  const proxy = createVoiceProxy({
    auth: none(),
    routes: { '/r': deepgram({ apiKey: MOCK_SECRET, agentUrl: mock.agentUrl, listenUrl: mock.listenUrl }) },
    clock,
    logger: false,
  });
  proxy.attach(server);
  const client = await openWs(context, `ws://127.0.0.1:${port}/r`);
  const closed = proxy.close();
  expect(await client.waitForClose()).toMatchObject({ reason: 'draining' });
  await closed;
  expect({ listeners: listenersOf(server), names: Object.getOwnPropertyNames(server) }).toEqual(before);
  expect(clock.pending()).toBe(0);
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { Connection: 'close' } });
  expect(await response.text()).toBe('the application');
});
