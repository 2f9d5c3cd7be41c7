import { expect, test, type TestContext } from 'vitest';
import { rawUpgrade, type RawClient } from '../../../test/support/raw-client.ts';
import { MOCK_SECRET, startMock } from '../../../test/support/start-mock.ts';
import type { MockUpstream } from '../mock-upstream.ts';
import type { ScenarioChoice } from './index.ts';
import { RUBBISH, type RubbishName } from './payloads.ts';

interface Opened {
  readonly mock: MockUpstream;
  readonly client: RawClient;
}

async function open(context: TestContext, scenario: ScenarioChoice): Promise<Opened> {
  const mock = await startMock(context, { scenario });
  const headers = { 'Sec-WebSocket-Protocol': `token, ${MOCK_SECRET}` };
  const client = await rawUpgrade(context, { port: mock.port, target: '/v1/agent/converse', headers });
  expect((await client.response()).status).toBe(101);
  return { mock, client };
}

test('floods with as many bytes as told, in frames of the size told', async (context) => {
  const { client } = await open(context, { name: 'flood', totalBytes: 1_000_000, frameBytes: 100_000 });
  await client.waitForMessage(() => client.messages.length === 10);
  expect(client.messages.every(({ kind, payload }) => kind === 'binary' && payload.length === 100_000)).toBe(
    true,
  );
});

test('holds back while the other side does not read, and ends with it', async (context) => {
  const { mock, client } = await open(context, { name: 'flood', totalBytes: 1024 ** 3, afterFrames: 1 });
  const session = await mock.waitForSession();
  client.pauseReading();
  client.send('go');
  await session.waitForFrame(() => true);
  // A second frame arrives only once the event loop is free: the flood has given way instead of filling memory.
  client.send('marker');
  await session.waitForFrame(({ payload }) => payload.toString() === 'marker');
  expect(session.bufferedBytes).toBeLessThan(1024 ** 2);
  client.reset();
  await mock.waitForIdle();
});

test.for(['text', 'binary'] as const)('sends one enormous %s message in one frame', async (kind, context) => {
  const totalBytes = 5_000_001;
  const { client } = await open(context, { name: 'oversize', totalBytes, kind });
  const message = await client.waitForMessage();
  expect([message.kind, message.payload.length, client.wireFrames.length]).toEqual([kind, totalBytes, 1]);
});

test.for(Object.keys(RUBBISH) as RubbishName[])('sends the illegal bytes of %s', async (what, context) => {
  const { client, mock } = await open(context, { name: 'rubbish', what });
  const session = await mock.waitForSession();
  await session.drained();
  session.endStream();
  await client.waitForClose();
  expect(client.received.subarray(-RUBBISH[what]().length)).toEqual(RUBBISH[what]());
  expect([...client.faults, ...client.messages]).toHaveLength(
    what === 'endlessLength' || what === 'notWebSocket' ? 0 : 1,
  );
});

test('puts the secret into a message', async (context) => {
  const plain = await open(context, 'keyInFrame');
  expect(JSON.parse(String((await plain.client.waitForMessage()).payload))).toEqual({
    type: 'Error',
    code: 'INVALID_AUTH',
    description: `the key ${MOCK_SECRET} is not valid`,
  });
  const encoded = await open(context, { name: 'keyInFrame', text: '{secret:base64}' });
  expect(String((await encoded.client.waitForMessage()).payload)).toBe(
    Buffer.from(MOCK_SECRET).toString('base64'),
  );
});
