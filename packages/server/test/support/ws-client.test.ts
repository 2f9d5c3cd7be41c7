import { expect, test } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { MOCK_SECRET, startMock } from './start-mock.ts';
import { openWs, WsRefusal } from './ws-client.ts';

const PROTOCOLS = ['token', MOCK_SECRET];

test('keeps frames with their kind and tells how the server closed', async (context) => {
  const mock = await startMock(context, {
    scenario(session) {
      session.send('text');
      session.send(Buffer.from('binary'));
      session.close(4444, 'enough');
    },
  });
  const client = await openWs(context, mock.agentUrl, { protocols: PROTOCOLS });
  expect(await client.waitForClose()).toEqual({ code: 4444, reason: 'enough' });
  expect(client.frames.map(({ kind, payload }) => [kind, payload.toString()])).toEqual([
    ['text', 'text'],
    ['binary', 'binary'],
  ]);
  expect(client.subprotocol).toBe('token');
});

test('closes cleanly and resolves with the answer', async (context) => {
  const mock = await startMock(context, { scenario: 'echo' });
  const client = await openWs(context, mock.agentUrl, { protocols: PROTOCOLS });
  expect(await client.close(NORMAL_CLOSURE, 'done')).toEqual({ code: NORMAL_CLOSURE, reason: 'done' });
  await mock.waitForIdle();
});

test('rejects with status, headers and body when the upgrade is refused', async (context) => {
  const mock = await startMock(context, { scenario: { name: 'refuse', status: 429, body: 'slow down' } });
  const error: unknown = await openWs(context, mock.agentUrl, { protocols: PROTOCOLS }).catch(
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(WsRefusal);
  expect(error).toMatchObject({ status: 429, body: 'slow down' });
  expect((error as WsRefusal).headers['retry-after']).toBe('7');
});

test('gives up at its deadline, and with the cause when nobody listens', async (context) => {
  const mock = await startMock(context, { scenario: 'silent' });
  await expect(openWs(context, mock.agentUrl, { protocols: PROTOCOLS, deadlineMs: 1 })).rejects.toThrow(
    /waited 1 ms/,
  );
  await expect(openWs(context, 'ws://127.0.0.1:1')).rejects.toThrow('ECONNREFUSED');
});
