import { describe, expect, test } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { encodeFrame, type FrameShape, OPCODES } from '../../src/testing/wire-frames.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import type { RawClient } from '../support/raw-client.ts';
import { runSessionCase } from '../support/session-case.ts';

type BreachName = 'ProtocolError' | 'BadPayload';

/** What a client must not send (RFC 6455 5.1 to 5.5, 7.4, 8.1), as frames in a row. */
const breaches: [what: string, name: BreachName, ...frames: FrameShape[]][] = [
  [
    'reserved bit 1, as of a compressed bomb',
    'ProtocolError',
    { opcode: OPCODES.binary, payload: 'bomb', rsv: 4 },
  ],
  ['reserved bit 2', 'ProtocolError', { opcode: OPCODES.text, payload: 'x', rsv: 2 }],
  ['reserved bit 3', 'ProtocolError', { opcode: OPCODES.text, payload: 'x', rsv: 1 }],
  ['the unknown opcode 3', 'ProtocolError', { opcode: 3, payload: 'x' }],
  ['the unknown opcode 15', 'ProtocolError', { opcode: 15, payload: 'x' }],
  ['an unmasked frame', 'ProtocolError', { opcode: OPCODES.text, payload: 'x', mask: false }],
  ['an unmasked ping', 'ProtocolError', { opcode: OPCODES.ping, payload: 'x', mask: false }],
  ['a ping of 126 bytes', 'ProtocolError', { opcode: OPCODES.ping, payload: Buffer.alloc(126) }],
  ['a ping in fragments', 'ProtocolError', { opcode: OPCODES.ping, payload: 'x', fin: false }],
  ['a close with half a code', 'ProtocolError', { opcode: OPCODES.close, payload: Buffer.from([3]) }],
  ['a close with the code 1005', 'ProtocolError', { opcode: OPCODES.close, payload: Buffer.from([3, 237]) }],
  ['a close with the code 1006', 'ProtocolError', { opcode: OPCODES.close, payload: Buffer.from([3, 238]) }],
  ['a close with the code 0', 'ProtocolError', { opcode: OPCODES.close, payload: Buffer.from([0, 0]) }],
  ['a close with the code 2999', 'ProtocolError', { opcode: OPCODES.close, payload: Buffer.from([11, 183]) }],
  [
    'a close whose reason is not UTF-8',
    'BadPayload',
    { opcode: OPCODES.close, payload: Buffer.from([3, 232, 0xc3, 0x28]) },
  ],
  ['a continuation of nothing', 'ProtocolError', { opcode: OPCODES.continuation, payload: 'x' }],
  [
    'a message inside another',
    'ProtocolError',
    { opcode: OPCODES.text, payload: 'x', fin: false },
    { opcode: OPCODES.binary, payload: 'y' },
  ],
];

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  test.for(breaches)(
    'end the session of a client that sends %s, and close the upstream normally',
    async (row, context) => {
      const [, name, ...frames] = row;
      await runAbuseCase(context, {
        proxy: { legs },
        async attack(bench) {
          const client = await bench.upgrade();
          for (const frame of frames) client.sendFrame(frame);
          client.sendFrame({ opcode: OPCODES.text, payload: 'behind' });
          const session = await bench.mock.waitForSession();
          expect(await session.closed).toEqual({ code: NORMAL_CLOSURE, reason: '', wasReset: false });
          expect(session.frames).toEqual([]);
          return client;
        },
        wire: legs === 'bytes' ? { ended: name } : { closed: name },
        dials: 1,
      });
    },
  );

  test.for([
    ['of the payload of one byte', { opcode: OPCODES.text, payload: 'x', rsv: 4 }],
    ['of a header alone', { opcode: OPCODES.text, announcedBytes: 1_000_000, rsv: 4 }],
  ] as const)('see a breach without waiting for the rest: %s', async ([, frame], context) => {
    await runAbuseCase(context, {
      proxy: { legs },
      async attack(bench) {
        const client = await bench.upgrade();
        client.sendFrame(frame);
        return client;
      },
      wire: legs === 'bytes' ? { ended: 'ProtocolError' } : { closed: 'ProtocolError' },
      dials: 1,
    });
  });
});

const badText: FrameShape = { opcode: OPCODES.text, payload: Buffer.from([0xc3, 0x28]) };

async function sendBadText(bench: AbuseBench): Promise<RawClient> {
  const client = await bench.upgrade();
  client.sendFrame(badText);
  return client;
}

test('leaves text that is not UTF-8 to its receiver, and passes on what that makes of it', async (context) => {
  await runAbuseCase(context, {
    mock: { onViolation: 'record' },
    attack: sendBadText,
    wire: { passed: { code: CLOSE_ROWS.BadPayload.code, reason: '' } },
    dials: 1,
    mayViolate: true,
  });
});

test('refuses text that is not UTF-8 where messages are taken apart', async (context) => {
  await runAbuseCase(context, {
    proxy: { legs: 'messages' },
    attack: sendBadText,
    wire: { closed: 'BadPayload' },
    dials: 1,
  });
});

test('leaves text of the upstream that is not UTF-8 to the client', async (context) => {
  await runSessionCase(context, {
    upstream: (session) => {
      session.sendBytes(encodeFrame(badText));
      session.close(4000, 'behind it');
    },
    async attack({ bench, client, session }) {
      await session.closed;
      // A client that has seen a breach answers no close.
      bench.clock.advance(5_000);
      await client.waitForClose();
      expect(client.faults).toEqual(['text that is not UTF-8']);
    },
    wire: 'nothing',
  });
});
