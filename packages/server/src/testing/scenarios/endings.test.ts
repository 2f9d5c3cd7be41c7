import { expect, test, type TestContext } from 'vitest';
import { ABNORMAL_CLOSURE, CLOSE_ROWS, NO_STATUS, NORMAL_CLOSURE } from '../../contract/index.ts';
import { rawUpgrade, type RawClient } from '../../../test/support/raw-client.ts';
import { MOCK_SECRET, startMock } from '../../../test/support/start-mock.ts';
import type { MockUpstream } from '../mock-upstream.ts';
import { OPCODES } from '../wire-frames.ts';
import type { ScenarioChoice } from './index.ts';

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

/** The payload of the close frame as it stood on the wire. */
async function closePayload(client: RawClient): Promise<Buffer> {
  await client.waitForClose();
  return (
    client.wireFrames.find(({ opcode }) => opcode === OPCODES.close)?.payload ?? Buffer.from('no close frame')
  );
}

test.for([1000, 1004, 1005, 1006, 1015, 999, 5000, 0, 4000])(
  'closes with %i, whether or not it may be sent',
  async (code, context) => {
    const { client } = await open(context, { name: 'closeWith', code, reason: 'because' });
    client.sendFrame({ opcode: OPCODES.close });
    const payload = await closePayload(client);
    expect([payload.readUInt16BE(0), payload.toString('utf8', 2)]).toEqual([code, 'because']);
  },
);

test('closes without a code', async (context) => {
  const { client } = await open(context, { name: 'closeWith', code: 'none' });
  expect(await closePayload(client)).toHaveLength(0);
  expect((await client.waitForClose()).code).toBe(NO_STATUS);
});

test.for([
  ['{secret}', MOCK_SECRET],
  [
    '{secret:percent}',
    [...MOCK_SECRET].map((one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`).join(''),
  ],
  ['{secret:base64}', Buffer.from(MOCK_SECRET).toString('base64')],
  ['{secret:bearer}', `Bearer ${MOCK_SECRET}`],
] as const)('writes %s into the reason', async ([placeholder, written], context) => {
  const { client } = await open(context, { name: 'closeWith', reason: placeholder });
  expect(await client.waitForClose()).toEqual({
    code: CLOSE_ROWS.Internal.code,
    reason: written,
    wasReset: false,
  });
});

test('writes a reason that is not text', async (context) => {
  const reason = Buffer.from([0xff, 0xfe, 0x00]);
  const { client } = await open(context, { name: 'closeWith', code: NORMAL_CLOSURE, reason });
  client.sendFrame({ opcode: OPCODES.close });
  expect((await closePayload(client)).subarray(2)).toEqual(reason);
});

test('waits for frames and for its delay before it closes', async (context) => {
  const { mock, client } = await open(context, { name: 'closeWith', afterFrames: 2, delayMs: 1 });
  client.send('one');
  const session = await mock.waitForSession();
  await session.waitForFrame(() => true);
  expect(client.hasCloseFrame).toBe(false);
  client.send('two');
  await client.waitForClose();
  expect(session.frames).toHaveLength(2);
});

test('half-closes without a close frame and goes on reading', async (context) => {
  const { mock, client } = await open(context, (session) => session.endStream());
  const session = await mock.waitForSession();
  await client.waitForClose();
  expect(client.hasCloseFrame).toBe(false);
  expect((await session.closed).code).toBe(ABNORMAL_CLOSURE);
});

test('leaves a close frame unanswered until the connection is ended', async (context) => {
  const { mock, client } = await open(context, 'neverCloses');
  client.send('{"type":"Settings"}');
  client.close(NORMAL_CLOSURE, 'bye');
  const session = await mock.waitForSession();
  client.sendFrame({ opcode: OPCODES.ping, payload: 'marker' });
  await client.waitForMessage(({ payload }) => payload.includes('SettingsApplied'));
  expect([client.hasCloseFrame, mock.sessions]).toEqual([false, 1]);
  client.endStream();
  expect(await session.closed).toEqual({ code: NORMAL_CLOSURE, reason: 'bye', wasReset: false });
  expect(client.hasCloseFrame).toBe(false);
});

test('reads nothing until released', async (context) => {
  const { mock, client } = await open(context, 'readsNothing');
  const session = await mock.waitForSession();
  client.send(Buffer.alloc(100_000));
  client.close(NORMAL_CLOSURE);
  expect(session.frames).toHaveLength(0);
  mock.release();
  expect((await session.closed).code).toBe(NORMAL_CLOSURE);
  expect(session.frames.map(({ payload }) => payload.length)).toEqual([100_000]);
});
