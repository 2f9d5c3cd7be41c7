import { expect, test, type TestContext } from 'vitest';
import { headerOf, rawUpgrade, type RawClient } from '../../../test/support/raw-client.ts';
import { watchProcess } from '../../../test/support/process-watch.ts';
import { findSecret } from '../../../test/support/secret-search.ts';
import { MOCK_SECRET, startMock } from '../../../test/support/start-mock.ts';
import { openWs } from '../../../test/support/ws-client.ts';
import type { MockUpstream } from '../mock-upstream.ts';
import type { ScenarioChoice } from './index.ts';

const PROTOCOLS = ['token', MOCK_SECRET];

interface Dialled {
  readonly mock: MockUpstream;
  readonly client: RawClient;
}

async function dial(context: TestContext, scenario: ScenarioChoice): Promise<Dialled> {
  const mock = await startMock(context, { scenario });
  context.onTestFinished(() => mock.expectNoViolations());
  const headers = { 'Sec-WebSocket-Protocol': PROTOCOLS.join(', ') };
  const client = await rawUpgrade(context, { port: mock.port, target: '/v1/agent/converse', headers });
  return { mock, client };
}

test.for([401, 403, 429, 500, 503])(
  'refuses with %i and gives the secret away in body and header',
  async (status, context) => {
    const { mock, client } = await dial(context, { name: 'refuse', status });
    const response = await client.response();
    expect(response.status).toBe(status);
    expect(headerOf(response, 'Retry-After')).toBe(status === 429 ? '7' : undefined);
    expect(findSecret(MOCK_SECRET, response.headers)).not.toEqual([]);
    const body = (await client.body()).toString();
    expect(JSON.parse(body)).toHaveProperty('err_code');
    expect(findSecret(MOCK_SECRET, body)).not.toEqual([]);
    expect([mock.dials, mock.sessions]).toEqual([1, 0]);
  },
);

test('refuses with a body and a wait of one’s own', async (context) => {
  const { client } = await dial(context, {
    name: 'refuse',
    status: 503,
    retryAfterSeconds: 3,
    body: 'no {secret:base64}',
  });
  expect(headerOf(await client.response(), 'retry-after')).toBe('3');
  expect((await client.body()).toString()).toBe(`no ${Buffer.from(MOCK_SECRET).toString('base64')}`);
});

test('redirects to a path of its own, where a follower is a violation', async (context) => {
  const mock = await startMock(context, { scenario: 'redirect' });
  const client = await rawUpgrade(context, {
    port: mock.port,
    target: '/v1/agent/converse',
    headers: { 'Sec-WebSocket-Protocol': PROTOCOLS.join(', ') },
  });
  const response = await client.response();
  const location = decodeURIComponent(headerOf(response, 'location') ?? '');
  expect([response.status, location]).toEqual([302, `/elsewhere?key=${MOCK_SECRET}`]);
  await rawUpgrade(context, { port: mock.port, target: '/elsewhere' });
  await mock.waitForDial(2);
  expect(mock.violations).toContain('dial 2: an unknown path');
});

test('stays silent until the dialling side leaves', async (context) => {
  const { mock, client } = await dial(context, 'silent');
  await mock.waitForDial(1);
  expect([mock.connections, mock.sessions, client.received.length]).toEqual([1, 0, 0]);
  client.endStream();
  await mock.waitForIdle();
  expect(client.received).toHaveLength(0);
});

test('opens held upgrades when released', async (context) => {
  const mock = await startMock(context, { scenario: 'slowOpen' });
  const opening = [1, 2].map(() => openWs(context, mock.agentUrl, { protocols: PROTOCOLS }));
  await mock.waitForDial(2);
  expect(mock.sessions).toBe(0);
  mock.release();
  const clients = await Promise.all(opening);
  expect(mock.sessions).toBe(2);
  await Promise.all(clients.map((client) => client.waitForFrame()));
});

test('opens a held upgrade after its delay', async (context) => {
  const { client } = await dial(context, { name: 'slowOpen', delayMs: 1 });
  expect((await client.response()).status).toBe(101);
});

test('forgets a held upgrade that has left, and its delay', async (context) => {
  const watch = watchProcess(context);
  const { mock, client } = await dial(context, { name: 'slowOpen', delayMs: 60_000 });
  await mock.waitForDial(1);
  client.reset();
  await mock.waitForIdle();
  await watch.timersSettled();
  mock.release();
  await expect(mock.waitForSession({ deadlineMs: 0 })).rejects.toThrow('a session to open');
});

test('selects the secret as subprotocol, or none', async (context) => {
  const key = await dial(context, 'selectsKey');
  expect(headerOf(await key.client.response(), 'Sec-WebSocket-Protocol')).toBe(MOCK_SECRET);
  const nothing = await dial(context, 'selectsNothing');
  const response = await nothing.client.response();
  expect([response.status, headerOf(response, 'Sec-WebSocket-Protocol')]).toEqual([101, undefined]);
});

test('answers with bytes that are not HTTP', async (context) => {
  const { client } = await dial(context, { name: 'rawAnswer', text: '{secret}\n' });
  await client.waitForClose();
  expect(client.received.toString()).toBe(`${MOCK_SECRET}\n`);
});
