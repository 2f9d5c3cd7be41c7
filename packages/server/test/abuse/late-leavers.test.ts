import { describe, expect, test } from 'vitest';
import { NORMAL_CLOSURE, toSessionQuery } from '../../src/contract/index.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';

const CLOSE_MS = 5_000;
const STALL_MS = 30_000;
const HOLD_MS = 30_000;
const audio = encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(64 * 1024), mask: true });

const endings = ({ logs }: AbuseBench): number =>
  logs.filter((line) => line.includes('session ended')).length;

const leavings: [how: string, leave: (client: RawClient) => void][] = [
  ['resets its connection', (client) => client.reset()],
  ['ends its side', (client) => client.endStream()],
];

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  const proxy = { legs, limits: { pingIntervalMs: Infinity } };

  test.for(leavings)(
    'end once for a client that %s while its audio waits for the upstream',
    async ([, leave], context) => {
      await runAbuseCase(context, {
        proxy,
        upstream: 'readsNothing',
        async attack(bench) {
          const client = await bench.upgrade();
          await client.response();
          const timers = bench.clock.pending();
          for (let count = 0; count < 512; count += 1) client.sendBytes(audio);
          await eventually(
            () => bench.clock.pending() > timers,
            () => 'a stall to be timed',
          );
          leave(client);
          bench.clock.advance(STALL_MS);
          bench.clock.advance(CLOSE_MS);
          bench.mock.release();
        },
        wire: 'nothing',
        dials: 1,
        also: (bench) => expect(endings(bench)).toBe(1),
      });
    },
  );

  test.for(leavings)('end once for a client that %s behind its close frame', async ([, leave], context) => {
    await runAbuseCase(context, {
      proxy,
      upstream: 'neverCloses',
      async attack(bench) {
        const client = await bench.upgrade({ answersClose: false });
        await client.waitForMessage();
        const session = await bench.mock.waitForSession();
        client.close(4001, 'going');
        leave(client);
        await eventually(
          () => session.wireFrames.at(-1)?.opcode === OPCODES.close,
          () => 'the close frame upstream',
        );
        bench.clock.advance(CLOSE_MS);
        expect(await session.closed).toMatchObject({ code: 4001, reason: 'going' });
      },
      wire: 'nothing',
      dials: 1,
      also: (bench) => expect(endings(bench)).toBe(1),
    });
  });

  test.for(leavings)(
    'end once for a client that %s instead of answering a close',
    async ([, leave], context) => {
      await runAbuseCase(context, {
        proxy,
        upstream: { name: 'closeWith', code: 4000, reason: 'over', afterFrames: 1 },
        async attack(bench) {
          const client = await bench.upgrade({ answersClose: false });
          client.send('go');
          await client.waitForCloseFrame();
          leave(client);
        },
        wire: 'nothing',
        dials: 1,
        also: (bench) => expect(endings(bench)).toBe(1),
      });
    },
  );

  test('end a client whose upstream never answers the close', async (context) => {
    await runAbuseCase(context, {
      proxy,
      upstream: 'neverCloses',
      async attack(bench) {
        const client = await bench.upgrade();
        const session = await bench.mock.waitForSession();
        await client.waitForMessage();
        client.close(NORMAL_CLOSURE, 'bye');
        await client.waitForClose();
        await eventually(
          () => session.wireFrames.at(-1)?.opcode === OPCODES.close,
          () => 'the close frame upstream',
        );
        bench.clock.advance(CLOSE_MS - 1);
        expect([bench.mock.sessions, bench.proxy.sessions]).toEqual([1, 1]);
        bench.clock.advance(1);
        return client;
      },
      wire: { passed: { code: NORMAL_CLOSURE, reason: 'bye' } },
      dials: 1,
    });
  });

  test('end a client whose upstream ends its side alone and goes on reading', async (context) => {
    await runAbuseCase(context, {
      proxy,
      upstream: { name: 'halfClose', afterFrames: 1 },
      async attack(bench) {
        const client = await bench.upgrade();
        client.send('go');
        return client;
      },
      wire: { ended: 'UpstreamUnavailable' },
      dials: 1,
    });
  });

  test('keep binary frames that come before the upstream is open binary and in order', async (context) => {
    const early = [
      { opcode: OPCODES.binary, payload: 'audio before settings' },
      { opcode: OPCODES.text, payload: '{"type":"Settings"}' },
      { opcode: OPCODES.binary, payload: 'audio behind' },
    ];
    await runAbuseCase(context, {
      proxy,
      upstream: 'slowOpen',
      mock: { allow: { anyFirstFrame: true } },
      async attack(bench) {
        const client = await bench.upgrade();
        await bench.mock.waitForDial(1);
        for (const shape of early) client.sendFrame(shape);
        bench.mock.release();
        const session = await bench.mock.waitForSession();
        await session.waitForFrame(() => session.frames.length === early.length);
        expect(session.frames.map(({ kind }) => kind)).toEqual(['binary', 'text', 'binary']);
        expect(session.frames.map(({ payload }) => payload.toString())).toEqual(
          early.map(({ payload }) => payload),
        );
        client.close(NORMAL_CLOSURE);
        return client;
      },
      wire: { passed: { code: NORMAL_CLOSURE, reason: '' } },
      dials: 1,
    });
  });

  test.for([
    ['few large frames', 1, 2_000],
    ['many tiny frames', 400, 0],
  ] as const)('end a client that sends too much early, in %s', async ([, count, bytes], context) => {
    const frame = encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(bytes), mask: true });
    await runAbuseCase(context, {
      proxy: { legs, limits: { earlyBytes: 2_000 } },
      upstream: 'silent',
      async attack(bench) {
        const client = await bench.upgrade();
        await bench.mock.waitForDial(1);
        for (let at = 0; at < count; at += 1) client.sendBytes(frame);
        return client;
      },
      wire: { told: 'TooLarge' },
      dials: 1,
    });
  });

  test('tell a client in time that its upstream never opened, and keep nothing of what it sent', async (context) => {
    await runAbuseCase(context, {
      proxy,
      upstream: 'silent',
      async attack(bench) {
        const client = await bench.upgrade();
        await bench.mock.waitForDial(1);
        for (let count = 0; count < 8; count += 1) client.sendBytes(audio);
        bench.clock.advance(10_000);
        return client;
      },
      wire: { told: 'UpstreamTimeout' },
      dials: 1,
    });
  });

  test.for(leavings)(
    'hold no longer than they may for a client in session mode that %s',
    async ([, leave], context) => {
      await runAbuseCase(context, {
        proxy,
        async attack(bench) {
          const client = await bench.upgrade({ target: bench.target(`vp=1&token=${bench.token()}`) });
          await client.waitForMessage();
          leave(client);
          await eventually(
            () => bench.logs.some((line) => line.includes('session held')),
            () => 'the session to be held',
          );
          expect(bench.proxy.sessions).toBe(1);
          bench.clock.advance(HOLD_MS);
          const { closed } = await bench.mock.waitForSession();
          expect(await closed).toMatchObject({ code: NORMAL_CLOSURE });
          // For as long again a client may ask what it has lost.
          bench.clock.advance(HOLD_MS);
        },
        wire: 'nothing',
        dials: 1,
        also: (bench) => expect(endings(bench)).toBe(1),
      });
    },
  );
});

test('begins a new session for each of 50 guesses at an id, and none touches the session of another', async (context) => {
  await runAbuseCase(context, {
    async attack(bench) {
      const own = await bench.upgrade({ target: bench.target(`vp=1&token=${bench.token()}`) });
      await own.waitForMessage();
      for (let guess = 0; guess < 50; guess += 1) {
        const vp = toSessionQuery({ id: `${guess}`.padStart(24, 'A'), received: 0 });
        const client = await bench.upgrade({ target: bench.target(`vp=${vp}&token=${bench.token()}`) });
        expect(String((await client.waitForMessage()).payload)).toContain('"reset":{"cause":"unknown"}');
        client.close(NORMAL_CLOSURE);
        await client.waitForClose();
      }
      own.send('still here');
      await own.waitForMessage(({ payload }) => payload.toString() === 'still here');
      own.close(NORMAL_CLOSURE);
      return own;
    },
    wire: { passed: { code: NORMAL_CLOSURE, reason: '' } },
    dials: 51,
  });
});
