import { describe, expect, test } from 'vitest';
import { MAX_FRAGMENTS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { encodeClose, encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import { type AbuseBench, startBench } from '../support/abuse-bench.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import type { WireOutcome } from '../support/wire-outcome.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';

const BYE = { passed: { code: NORMAL_CLOSURE, reason: '' } } as const;

/** Another client of the same proxy: its round trip shows that the proxy has read what was sent before. */
async function openMarker(context: TestCleanup, bench: AbuseBench): Promise<WsClient> {
  return openWs(context, `ws://127.0.0.1:${bench.listening.port}${bench.target()}`);
}

async function roundTrip(marker: WsClient): Promise<void> {
  const trip = marker.frames.length + 1;
  marker.send(`trip ${trip}`);
  await marker.waitForFrames(trip);
}

/** One payload for each form of the length (RFC 6455 5.2). */
const payloads = [5, 126, 65_536].map((length) => Buffer.alloc(length, `${length} `));

/** Sends each payload as one frame, cut in two at every byte of its header and behind it, each part read by itself. */
async function sendCut(send: (bytes: Buffer) => void, mask: boolean, marker: WsClient): Promise<Buffer[]> {
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

const untilMessages = (client: RawClient, count: number): Promise<void> =>
  eventually(
    () => client.messages.length >= count,
    () => `${count} messages; ${client.messages.length} came`,
    4_000,
  );

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  const proxy = { legs };
  /** With messages, `ws` answers a breach before the session can say why. */
  const breach = (name: 'PolicyViolation' | 'ProtocolError' | 'TooLarge'): WireOutcome =>
    legs === 'bytes' ? { ended: name } : { closed: name };

  test('read a client whose frames are cut at every byte of a header', async (context) => {
    await runAbuseCase(context, {
      proxy,
      async attack(bench) {
        const marker = await openMarker(context, bench);
        const client = await bench.upgrade();
        await client.response();
        const sent = await sendCut((bytes) => client.sendBytes(bytes), true, marker);
        await untilMessages(client, sent.length);
        expect(client.messages.map(({ payload }) => payload.toString())).toEqual(sent.map(String));
        await marker.close(NORMAL_CLOSURE);
        client.close(NORMAL_CLOSURE);
        return client;
      },
      wire: BYE,
      dials: 2,
    });
  });

  test('read an upstream whose frames are cut at every byte of a header', async (context) => {
    await runAbuseCase(context, {
      proxy,
      async attack(bench) {
        const marker = await openMarker(context, bench);
        await bench.mock.waitForSession();
        bench.mock.setScenario(() => undefined);
        const client = await bench.upgrade();
        const session = await bench.mock.waitForSession();
        const sent = await sendCut((bytes) => session.sendBytes(bytes), false, marker);
        await untilMessages(client, sent.length);
        expect(client.messages.map(({ payload }) => payload.toString())).toEqual(sent.map(String));
        await marker.close(NORMAL_CLOSURE);
        client.close(NORMAL_CLOSURE);
        return client;
      },
      wire: BYE,
      dials: 2,
    });
  });

  test('read 64 KiB that come byte by byte', async (context) => {
    await runAbuseCase(context, {
      proxy,
      async attack(bench) {
        const client = await bench.upgrade();
        await client.response();
        const texts = Array.from({ length: 64 }, (_, at) => `${at} `.padEnd(1_016, '.'));
        const frames = texts.map((payload) => encodeFrame({ opcode: OPCODES.text, payload, mask: true }));
        const bytes = Buffer.concat(frames);
        expect(bytes).toHaveLength(64 * 1024);
        for (let at = 0; at < bytes.length; at += 1) client.sendBytes(bytes.subarray(at, at + 1));
        await untilMessages(client, texts.length);
        expect(client.messages.map(({ payload }) => payload.toString())).toEqual(texts);
        client.close(NORMAL_CLOSURE);
        return client;
      },
      wire: BYE,
      dials: 1,
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
    await runAbuseCase(context, {
      proxy,
      async attack(bench) {
        const client = await bench.upgrade();
        client.sendBytes(Buffer.from(`82ff${length}00000000`, 'hex'));
        return client;
      },
      wire,
      dials: 1,
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
    await runAbuseCase(context, {
      proxy,
      async attack(bench) {
        const client = await bench.upgrade();
        await client.response();
        client.sendBytes(fragments(count, bytes));
        const session = await bench.mock.waitForSession();
        expect(await session.closed).toMatchObject({ code: NORMAL_CLOSURE });
        const data = session.wireFrames.filter(({ opcode }) => opcode < OPCODES.close);
        expect(data.length).toBeLessThanOrEqual(MAX_FRAGMENTS);
        expect(session.frames).toEqual([]);
        return client;
      },
      wire: breach('PolicyViolation'),
      dials: 1,
    });
  });

  test('pass a message of as many fragments as there may be', async (context) => {
    await runAbuseCase(context, {
      proxy,
      async attack(bench) {
        const client = await bench.upgrade();
        await client.response();
        client.sendBytes(fragments(MAX_FRAGMENTS - 1, 1));
        client.sendFrame({ opcode: OPCODES.continuation, payload: 'x' });
        await untilMessages(client, 1);
        expect(client.messages[0]?.payload).toHaveLength(MAX_FRAGMENTS);
        client.close(NORMAL_CLOSURE);
        return client;
      },
      wire: BYE,
      dials: 1,
    });
  });

  test('pass pings in the middle of a message, in order, and their pongs', async (context) => {
    await runAbuseCase(context, {
      proxy,
      async attack(bench) {
        const client = await bench.upgrade();
        const session = await bench.mock.waitForSession();
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
        client.close(NORMAL_CLOSURE);
        return client;
      },
      wire: BYE,
      dials: 1,
    });
  });

  test('drop what a client sends behind its close frame', async (context) => {
    await runAbuseCase(context, {
      proxy,
      async attack(bench) {
        const client = await bench.upgrade();
        const session = await bench.mock.waitForSession();
        const close = encodeFrame({ opcode: OPCODES.close, payload: encodeClose(4001, 'done'), mask: true });
        const text = encodeFrame({ opcode: OPCODES.text, payload: 'behind', mask: true });
        client.sendBytes(Buffer.concat([text, close, text, close, Buffer.alloc(1_000, 0xff)]));
        expect(await session.closed).toMatchObject({ code: 4001, reason: 'done' });
        expect(session.frames).toHaveLength(1);
        return client;
      },
      wire: { passed: { code: 4001, reason: 'done' } },
      dials: 1,
    });
  });

  test('drop what an upstream sends behind its close frame', async (context) => {
    await runAbuseCase(context, {
      proxy,
      upstream(session) {
        session.close(4002, 'done');
        session.sendFrame({ opcode: OPCODES.text, payload: 'behind' });
        session.sendFrame({ opcode: OPCODES.close, payload: encodeClose(4003) });
        session.sendBytes(Buffer.alloc(1_000, 0xff));
      },
      async attack(bench) {
        const client = await bench.upgrade();
        await client.waitForClose();
        expect(client.messages).toEqual([]);
        return client;
      },
      wire: { passed: { code: 4002, reason: 'done' } },
      dials: 1,
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
  await runAbuseCase(context, {
    proxy: { limits: { messageTimeoutMs: MESSAGE_MS } },
    async attack(bench) {
      const marker = await openMarker(context, bench);
      const client = await bench.upgrade();
      await client.response();
      begin(client);
      await roundTrip(marker);
      bench.clock.advance(MESSAGE_MS - 1);
      expect(client.hasCloseFrame).toBe(false);
      bench.clock.advance(1 + MESSAGE_MS / 4);
      await client.waitForCloseFrame();
      await marker.close(NORMAL_CLOSURE);
      // Its answer to the close stands in the middle of its frame.
      bench.clock.advance(5_000);
      return client;
    },
    wire: { ended: 'PolicyViolation' },
    dials: 2,
  });
});

test('ends a session with a message that goes on for ever, however busy', async (context) => {
  await runAbuseCase(context, {
    proxy: { limits: { messageTimeoutMs: MESSAGE_MS } },
    async attack(bench) {
      const marker = await openMarker(context, bench);
      const client = await bench.upgrade();
      await client.response();
      for (let at = 0; !client.hasCloseFrame && at < 20; at += 1) {
        const opcode = at === 0 ? OPCODES.binary : OPCODES.continuation;
        client.sendFrame({ opcode, payload: 'more', fin: false });
        await roundTrip(marker);
        bench.clock.advance(MESSAGE_MS / 8);
      }
      await marker.close(NORMAL_CLOSURE);
      return client;
    },
    wire: { ended: 'PolicyViolation' },
    dials: 2,
  });
});

test('keeps a session whose messages follow each other without a gap, each in time', async (context) => {
  const bench = await startBench(context, { proxy: { limits: { messageTimeoutMs: MESSAGE_MS } } });
  const client = await bench.upgrade();
  for (let at = 0; at < 20; at += 1) {
    client.sendFrame({ opcode: OPCODES.text, payload: `${at}`, fin: false });
    client.sendFrame({ opcode: OPCODES.ping, payload: `${at}` });
    await eventually(
      () =>
        client.wireFrames.some(
          ({ opcode, payload }) => opcode === OPCODES.pong && String(payload) === `${at}`,
        ),
      () => 'the pong',
    );
    bench.clock.advance(MESSAGE_MS / 2);
    client.sendFrame({ opcode: OPCODES.continuation, payload: '' });
  }
  await untilMessages(client, 20);
  expect(client.hasCloseFrame).toBe(false);
});
