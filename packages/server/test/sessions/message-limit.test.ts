import { expect, test } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { OPCODES } from '../../src/testing/wire-frames.ts';
import { startBench } from '../support/abuse-bench.ts';
import { expectWire } from '../support/wire-outcome.ts';
import { openWs } from '../support/ws-client.ts';

/** The longest message of the preset. */
const MOST_BYTES = 16 * 1024 * 1024;

test('passes a message of the longest allowed size both ways', async (context) => {
  const bench = await startBench(context, { upstream: 'echo' });
  const client = await openWs(context, `ws://127.0.0.1:${bench.listening.port}${bench.target()}`);
  const payload = Buffer.alloc(MOST_BYTES, 'voice');
  client.send(payload);
  const frame = await client.waitForFrame();
  expect(frame.payload.equals(payload)).toBe(true);
  expect(await client.close(NORMAL_CLOSURE)).toMatchObject({ code: NORMAL_CLOSURE });
});

test.for([
  ['one byte longer', (most: number) => [{ opcode: OPCODES.binary, announcedBytes: most + 1 }]],
  ['as long as a frame can be', () => [{ opcode: OPCODES.text, announcedBytes: Number.MAX_SAFE_INTEGER }]],
  [
    'too long in parts',
    (most: number) => [
      { opcode: OPCODES.binary, payload: Buffer.alloc(1), fin: false },
      { opcode: OPCODES.continuation, announcedBytes: most },
    ],
  ],
] as const)('ends a session whose client announces a message %s', async ([, shapes], context) => {
  const bench = await startBench(context);
  const client = await bench.upgrade();
  for (const shape of shapes(MOST_BYTES)) client.sendFrame(shape);
  await expectWire(client, { ended: 'TooLarge' });
  const { closed } = await bench.mock.waitForSession();
  expect(await closed).toEqual({ code: NORMAL_CLOSURE, reason: '', wasReset: false });
  await bench.proxy.drain();
  expect(JSON.parse(bench.logs.at(-1) ?? '')).toMatchObject({ cause: CLOSE_ROWS.TooLarge.word });
});

test('ends a session whose upstream announces a message too long, and tells both sides', async (context) => {
  const bench = await startBench(context, {
    async upstream(session) {
      await session.waitForFrame(() => true);
      session.sendFrame({ opcode: OPCODES.binary, announcedBytes: MOST_BYTES + 1 });
    },
  });
  const client = await bench.upgrade();
  client.send('go');
  await expectWire(client, { ended: 'TooLarge' });
  const { closed } = await bench.mock.waitForSession();
  expect(await closed).toMatchObject({ code: CLOSE_ROWS.TooLarge.code });
  await bench.proxy.drain();
  expect(JSON.parse(bench.logs.at(-1) ?? '')).toMatchObject({ cause: CLOSE_ROWS.TooLarge.word });
});

test.for([
  ['an unmasked frame', 'ProtocolError', { opcode: OPCODES.text, payload: 'x', mask: false }],
  ['reserved bits', 'ProtocolError', { opcode: OPCODES.text, payload: 'x', rsv: 4 }],
  ['an unknown opcode', 'ProtocolError', { opcode: 3, payload: 'x' }],
  ['a long ping', 'ProtocolError', { opcode: OPCODES.ping, payload: Buffer.alloc(126) }],
  ['half a close code', 'ProtocolError', { opcode: OPCODES.close, payload: Buffer.from([3]) }],
  ['the close code 1005', 'ProtocolError', { opcode: OPCODES.close, payload: Buffer.from([3, 237]) }],
  ['the close code 5000', 'ProtocolError', { opcode: OPCODES.close, payload: Buffer.from([19, 136]) }],
] as const)(
  'ends the session of a client that sends %s, and closes the upstream normally',
  async ([, name, shape], context) => {
    const bench = await startBench(context);
    const client = await bench.upgrade();
    client.sendFrame(shape);
    await expectWire(client, { ended: name });
    const { closed } = await bench.mock.waitForSession();
    expect(await closed).toEqual({ code: NORMAL_CLOSURE, reason: '', wasReset: false });
  },
);
