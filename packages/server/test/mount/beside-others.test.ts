import { expect, test, type TestContext } from 'vitest';
import { WebSocketServer } from 'ws';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import type { MockUpstream } from '../../src/testing/mock-upstream.ts';
import { makeToken } from '../support/make-token.ts';
import { rawUpgrade } from '../support/raw-client.ts';
import { watchProcess } from '../support/process-watch.ts';
import { startMock } from '../support/start-mock.ts';
import { createTestSignal } from '../support/test-signal.ts';
import { expectWire } from '../support/wire-outcome.ts';
import { WsRefusal } from '../support/ws-client.ts';
import { type Application, expectEcho, makeProxy, serveApplication } from './serve-application.ts';

/** Another WebSocket server of the application, as the `ws` package's documentation shows it. */
function addOther(context: TestContext, { server }: Application, path = '/other'): void {
  const other = new WebSocketServer({ server, path });
  other.on('connection', (socket) =>
    socket.on('message', (payload) => socket.send(`other ${String(payload)}`)),
  );
  context.onTestFinished(() => {
    for (const socket of other.clients) socket.terminate();
    other.close();
  });
}

async function expectOther(application: Application): Promise<void> {
  const client = await application.open('/other');
  client.send('x');
  expect((await client.waitForFrame()).payload.toString()).toBe('other x');
  await client.close(NORMAL_CLOSURE);
}

const start = async (context: TestContext): Promise<{ mock: MockUpstream; application: Application }> => ({
  mock: await startMock(context, { scenario: 'echo' }),
  application: await serveApplication(context),
});

test.for(['before', 'after'])(
  'shares a server with another WebSocket server made %s it',
  async (when, context) => {
    const { mock, application } = await start(context);
    if (when === 'before') addOther(context, application);
    makeProxy(context, mock).attach(application.server);
    if (when === 'after') addOther(context, application);
    const client = await application.open('/deepgram-proxy');
    await expectEcho(client);
    await expectOther(application);
    await expectEcho(client);
    expect(await client.close(NORMAL_CLOSURE, 'done')).toEqual({ code: NORMAL_CLOSURE, reason: 'done' });
    expect(mock.dials).toBe(1);
  },
);

test('holds a handshake while the upstream is dialled, though another server refuses what it does not know', async (context) => {
  const { mock, application } = await start(context);
  addOther(context, application);
  mock.setScenario('slowOpen');
  makeProxy(context, mock).attach(application.server);
  const target = `/deepgram-proxy?token=${makeToken()}`;
  const client = await rawUpgrade(context, { port: application.port, target });
  await mock.waitForDial(1);
  await expectOther(application);
  expect(client.received).toHaveLength(0);
  mock.release();
  await client.waitForMessage();
  expect(client.received.toString('latin1').match(/HTTP\/1\.1/g)).toHaveLength(1);
});

test('leaves what neither knows to the other one', async (context) => {
  const { mock, application } = await start(context);
  makeProxy(context, mock).attach(application.server);
  addOther(context, application);
  const client = await rawUpgrade(context, { port: application.port, target: '/nowhere' });
  expect((await client.response()).status).toBe(400);
  expect(client.received.toString()).not.toContain('not_found');
});

interface Indifferent {
  readonly application: Application;
  /** The listener has seen an upgrade that is not the proxy's. */
  seen(): Promise<void>;
  /** The connection of one has gone. */
  gone(): Promise<void>;
}

/** A proxy beside a listener of upgrades that lets them lie, as one does that waits for an upgrade of its own. */
async function startIndifferent(context: TestContext, when: string): Promise<Indifferent> {
  const { mock, application } = await start(context);
  const [seen, gone] = [createTestSignal(), createTestSignal()];
  const listen = (): unknown =>
    application.server.on('upgrade', (_request, socket) => {
      socket.on('close', () => gone.tell(undefined));
      seen.tell(undefined);
    });
  if (when === 'before') listen();
  makeProxy(context, mock).attach(application.server);
  if (when === 'after') listen();
  return { application, seen: seen.told, gone: gone.told };
}

test.for(['before', 'after'])(
  'survives the reset of an upgrade that nobody claims, beside a listener made %s it',
  async (when, context) => {
    const { application, seen, gone } = await startIndifferent(context, when);
    const watch = watchProcess(context);
    const client = await rawUpgrade(context, { port: application.port, target: '/nowhere' });
    await seen();
    expect(client.received).toHaveLength(0);
    client.reset();
    await gone();
    expect(watch.uncaught).toEqual([]);
    await expectEcho(await application.open('/deepgram-proxy'));
  },
);

test.for(['before', 'after'])(
  'answers a target that is no path itself, beside a listener made %s it',
  async (when, context) => {
    const { application } = await startIndifferent(context, when);
    const client = await rawUpgrade(context, { port: application.port, target: '//' });
    await expectWire(client, { http: 400, error: 'bad_request' });
    await expectEcho(await application.open('/deepgram-proxy'));
  },
);

test('answers 404 itself when it is alone', async (context) => {
  const { mock, application } = await start(context);
  makeProxy(context, mock).attach(application.server);
  await expect(application.open('/nowhere')).rejects.toMatchObject({
    status: 404,
    body: expect.stringContaining('"not_found"'),
  });
  expect(await (await fetch(application.url('/deepgram-proxy'))).text()).toBe('the application');
});

test('answers once however often it is attached to one server', async (context) => {
  const { mock, application } = await start(context);
  const proxy = makeProxy(context, mock);
  const leaves = [proxy.attach(application.server), proxy.attach(application.server)];
  const client = await application.open('/deepgram-proxy');
  await expectEcho(client);
  expect([mock.dials, client.frames.length]).toEqual([1, 1]);
  for (const leave of leaves) leave();
  // Without a listener Node takes an upgrade for a plain request.
  await expect(application.open('/deepgram-proxy')).rejects.toMatchObject({ body: 'the application' });
  await expectEcho(client);
});

test('serves two proxies on one server, each at its own path', async (context) => {
  const { mock, application } = await start(context);
  const other = await startMock(context, { scenario: 'echo' });
  const first = makeProxy(context, mock);
  const second = makeProxy(context, other, { basePath: '/second' });
  for (const proxy of [first, second]) proxy.attach(application.server);
  await expectEcho(await application.open('/deepgram-proxy'));
  await expectEcho(await application.open('/second/deepgram-proxy'));
  expect([mock.dials, other.dials]).toEqual([1, 1]);
  await first.close();
  await expect(application.open('/deepgram-proxy')).rejects.toMatchObject({ status: 404 });
  await expectEcho(await application.open('/second/deepgram-proxy'));
});

test('serves one proxy on two servers', async (context) => {
  const { mock, application } = await start(context);
  const second = await serveApplication(context);
  const proxy = makeProxy(context, mock);
  for (const { server } of [application, second]) proxy.attach(server);
  const clients = await Promise.all([application.open('/deepgram-proxy'), second.open('/deepgram-proxy')]);
  for (const client of clients) await expectEcho(client);
  expect(proxy.sessions).toBe(2);
  await proxy.close();
  for (const client of clients) expect((await client.waitForClose()).reason).toBe('draining');
});

test('leaves a server with another one on it as it was', async (context) => {
  const { mock, application } = await start(context);
  addOther(context, application);
  const { server } = application;
  const before = { listeners: server.listeners('upgrade'), names: Object.getOwnPropertyNames(server) };
  const proxy = makeProxy(context, mock);
  proxy.attach(server);
  await proxy.close();
  expect({ listeners: server.listeners('upgrade'), names: Object.getOwnPropertyNames(server) }).toEqual(
    before,
  );
  await expectOther(application);
  await expect(application.open('/deepgram-proxy')).rejects.toBeInstanceOf(WsRefusal);
});
