import { describe, expect, test } from 'vitest';
import { MAX_FRAGMENTS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { encodeClose, encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import { runSessionCase } from '../support/session-case.ts';
import type { WireOutcome } from '../support/wire-outcome.ts';

/** A round trip of another session, which shows that the proxy has read what was sent before. */
async function roundTrip(marker: RawClient): Promise<void> {
  const trip = marker.messages.length + 1;
  marker.send(`trip ${trip}`);
  await marker.waitForMessages(trip);
}

/** One payload for each form of the length (RFC 6455 5.2). */
const payloads = [5, 126, 65_536].map((length) => Buffer.alloc(length, `${length} `));

/** Sends each payload as one frame, cut in two at every byte of its header and behind it, each part read by itself. */
async function sendCut(send: (bytes: Buffer) => void, mask: boolean, marker: RawClient): Promise<Buffer[]> {
  const sent: Buffer[] = [];
  for (const payload of payloads) {
    const frame = encodeFrame({ opcode: OPCODES.binary, payload, mask });
    const headerBytes = frame.length - payload.length;
    for (let at = 1; at <= headerBytes + 1; at += 1) {
      send(frame.subarray(0, at));
      await roundTrip(marker);
      send(frame.subarray(at));
      sent.push(payload);
    }
  }
  return sent;
}

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  const proxy = { legs };
  /** With messages, `ws` answers a breach before the session can say why. */
  const breach = (name: 'PolicyViolation' | 'ProtocolError' | 'TooLarge'): WireOutcome =>
    legs === 'bytes' ? { ended: name } : { closed: name };

  test('read a client whose frames are cut at every byte of a header', async (context) => {
    await runSessionCase(context, {
      proxy,
      async attack({ bench, client }) {
        const { client: marker } = await bench.open();
        const sent = await sendCut((bytes) => client.sendBytes(bytes), true, marker);
        const messages = await client.waitForMessages(sent.length);
        expect(messages.map(({ payload }) => payload.toString())).toEqual(sent.map(String));
        marker.close(NORMAL_CLOSURE);
      },
      dials: 2,
    });
  });

  test('read an upstream whose frames are cut at every byte of a header', async (context) => {
    await runSessionCase(context, {
      proxy,
      upstream: () => undefined,
      async attack({ bench, client, session }) {
        bench.mock.setScenario('echo');
        const { client: marker } = await bench.open();
        const sent = await sendCut((bytes) => session.sendBytes(bytes), false, marker);
        const messages = await client.waitForMessages(sent.length);
        expect(messages.map(({ payload }) => payload.toString())).toEqual(sent.map(String));
        marker.close(NORMAL_CLOSURE);
      },
      dials: 2,
    });
  });

  test('read 64 KiB that come byte by byte', async (context) => {
    await runSessionCase(context, {
      proxy,
      async attack({ client }) {
        const texts = Array.from({ length: 64 }, (_, at) => `${at} `.padEnd(1_016, '.'));
        const frames = texts.map((payload) => encodeFrame({ opcode: OPCODES.text, payload, mask: true }));
        const bytes = Buffer.concat(frames);
        expect(bytes).toHaveLength(64 * 1024);
        for (let at = 0; at < bytes.length; at += 1) client.sendBytes(bytes.subarray(at, at + 1));
        await client.waitForMessages(texts.length);
        expect(client.messages.map(({ payload }) => payload.toString())).toEqual(texts);
      },
    });
  });

  const announced: [what: string, length: string, wire: WireOutcome][] = [
    // The top bit of a length is zero (RFC 6455 5.2); `ws` takes it for too long a message.
    ['2^63', '8000000000000000', breach(legs === 'bytes' ? 'ProtocolError' : 'TooLarge')],
    ['2^64 - 1', 'ffffffffffffffff', breach(legs === 'bytes' ? 'ProtocolError' : 'TooLarge')],
    ['2^63 - 1', '7fffffffffffffff', breach('TooLarge')],
    ['2^53', '0020000000000000', breach('TooLarge')],
    ['16 MiB and one byte', '0000000001000001', breach('TooLarge')],
  ];

  test.for(announced)('refuse a frame that announces %s bytes', async ([, length, wire], context) => {
    await runSessionCase(context, {
      proxy,
      attack({ client }) {
        client.sendBytes(Buffer.from(`82ff${length}00000000`, 'hex'));
      },
      wire,
    });
  });

  const fragments = (count: number, bytes: number): Buffer =>
    Buffer.concat(
      Array.from({ length: count }, (_, at) =>
        encodeFrame({
          opcode: at === 0 ? OPCODES.binary : OPCODES.continuation,
          payload: Buffer.alloc(bytes),
          fin: false,
          mask: true,
        }),
      ),
    );

  test.for([
    ['65,536 fragments of 64 bytes', 65_536, 64],
    ['100,000 fragments of one byte', 100_000, 1],
    ['one empty fragment more than there may be', MAX_FRAGMENTS + 1, 0],
  ] as const)('refuse a message of %s', async ([, count, bytes], context) => {
    await runSessionCase(context, {
      proxy,
      async attack({ client, session }) {
        client.sendBytes(fragments(count, bytes));
        expect(await session.closed).toMatchObject({ code: NORMAL_CLOSURE });
        const data = session.wireFrames.filter(({ opcode }) => opcode < OPCODES.close);
        expect(data.length).toBeLessThanOrEqual(MAX_FRAGMENTS);
        expect(session.frames).toEqual([]);
      },
      wire: breach('PolicyViolation'),
    });
  });

  test('pass a message of as many fragments as there may be', async (context) => {
    await runSessionCase(context, {
      proxy,
      async attack({ client }) {
        client.sendBytes(fragments(MAX_FRAGMENTS - 1, 1));
        client.sendFrame({ opcode: OPCODES.continuation, payload: 'x' });
        expect((await client.waitForMessage()).payload).toHaveLength(MAX_FRAGMENTS);
      },
    });
  });

  test('pass pings in the middle of a message, in order, and their pongs', async (context) => {
    await runSessionCase(context, {
      proxy,
      async attack({ client, session }) {
        client.sendFrame({ opcode: OPCODES.text, payload: 'in ', fin: false });
        client.sendFrame({ opcode: OPCODES.ping, payload: 'one' });
        client.sendFrame({ opcode: OPCODES.continuation, payload: 'three ', fin: false });
        client.sendFrame({ opcode: OPCODES.ping, payload: 'two' });
        client.sendFrame({ opcode: OPCODES.continuation, payload: 'parts' });
        expect(String((await client.waitForMessage()).payload)).toBe('in three parts');
        const up = session.wireFrames.map(({ payload }) => payload.toString());
        expect(up).toEqual(
          legs === 'bytes' ? ['in ', 'one', 'three ', 'two', 'parts'] : ['one', 'two', 'in three parts'],
        );
        const pongs = client.wireFrames.filter(({ opcode }) => opcode === OPCODES.pong);
        expect(pongs.map(({ payload }) => payload.toString())).toEqual(['one', 'two']);
      },
    });
  });

  test('drop what a client sends behind its close frame', async (context) => {
    await runSessionCase(context, {
      proxy,
      async attack({ client, session }) {
        const close = encodeFrame({ opcode: OPCODES.close, payload: encodeClose(4001, 'done'), mask: true });
        const text = encodeFrame({ opcode: OPCODES.text, payload: 'behind', mask: true });
        client.sendBytes(Buffer.concat([text, close, text, close, Buffer.alloc(1_000, 0xff)]));
        expect(await session.closed).toMatchObject({ code: 4001, reason: 'done' });
        expect(session.frames).toHaveLength(1);
      },
      wire: { passed: { code: 4001, reason: 'done' } },
    });
  });

  test('drop what an upstream sends behind its close frame', async (context) => {
    await runSessionCase(context, {
      proxy,
      upstream(session) {
        session.close(4002, 'done');
        session.sendFrame({ opcode: OPCODES.text, payload: 'behind' });
        session.sendFrame({ opcode: OPCODES.close, payload: encodeClose(4003) });
        session.sendBytes(Buffer.alloc(1_000, 0xff));
      },
      async attack({ client }) {
        await client.waitForClose();
        expect(client.messages).toEqual([]);
      },
      wire: { passed: { code: 4002, reason: 'done' } },
    });
  });
});

const MESSAGE_MS = 10_000;

const endless: [what: string, begin: (client: RawClient) => void][] = [
  [
    'whose last fragment never comes',
    (client) => client.sendFrame({ opcode: OPCODES.text, payload: 'x', fin: false }),
  ],
  [
    'whose payload never comes',
    (client) => client.sendFrame({ opcode: OPCODES.binary, payload: 'x', announcedBytes: 1_000_000 }),
  ],
];

test.for(endless)('ends a session with a message %s, at its time', async ([, begin], context) => {
  await runSessionCase(context, {
    proxy: { limits: { messageTimeoutMs: MESSAGE_MS } },
    async attack({ bench, client }) {
      const { client: marker } = await bench.open();
      begin(client);
      await roundTrip(marker);
      bench.clock.advance(MESSAGE_MS - 1);
      expect(client.hasCloseFrame).toBe(false);
      bench.clock.advance(1 + MESSAGE_MS / 4);
      await client.waitForCloseFrame();
      marker.close(NORMAL_CLOSURE);
      await marker.waitForClose();
      // Its answer to the close stands in the middle of its frame.
      bench.clock.advance(5_000);
    },
    wire: { ended: 'PolicyViolation' },
    dials: 2,
  });
});

test('ends a session with a message that goes on for ever, however busy', async (context) => {
  await runSessionCase(context, {
    proxy: { limits: { messageTimeoutMs: MESSAGE_MS } },
    async attack({ bench, client }) {
      const { client: marker } = await bench.open();
      for (let at = 0; !client.hasCloseFrame && at < 20; at += 1) {
        const opcode = at === 0 ? OPCODES.binary : OPCODES.continuation;
        client.sendFrame({ opcode, payload: 'more', fin: false });
        await roundTrip(marker);
        bench.clock.advance(MESSAGE_MS / 8);
      }
      marker.close(NORMAL_CLOSURE);
    },
    wire: { ended: 'PolicyViolation' },
    dials: 2,
  });
});

test('keeps a session whose messages follow each other without a gap, each in time', async (context) => {
  await runSessionCase(context, {
    proxy: { limits: { messageTimeoutMs: MESSAGE_MS } },
    async attack({ bench, client, session }) {
      for (let at = 0; at < 20; at += 1) {
        client.sendFrame({ opcode: OPCODES.text, payload: `${at}`, fin: false });
        await eventually(
          () => session.wireFrames.at(-1)?.payload.toString() === `${at}`,
          () => `the beginning of message ${at}`,
        );
        bench.clock.advance(MESSAGE_MS / 2);
        client.sendFrame({ opcode: OPCODES.continuation, payload: '' });
      }
      await client.waitForMessages(20);
      expect(client.hasCloseFrame).toBe(false);
    },
  });
});
