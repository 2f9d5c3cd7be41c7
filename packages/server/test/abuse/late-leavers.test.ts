import { describe, expect, test } from 'vitest';
import { NORMAL_CLOSURE, toSessionQuery } from '../../src/contract/index.ts';
import type { MockSession } from '../../src/testing/mock-session.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import { linesSaying, runAbuseCase } from '../support/abuse-case.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import { GOODBYE, inSessionMode, runSessionCase } from '../support/session-case.ts';

const CLOSE_MS = 5_000;
const STALL_MS = 30_000;
const HOLD_MS = 30_000;
const audio = encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(64 * 1024), mask: true });

const untilCloseFrame = (session: MockSession): Promise<void> =>
  eventually(
    () => session.wireFrames.at(-1)?.opcode === OPCODES.close,
    () => 'the close frame upstream',
  );

const leavings: [how: string, leave: (client: RawClient) => void][] = [
  ['resets its connection', (client) => client.reset()],
  ['ends its side', (client) => client.endStream()],
];

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  const proxy = { legs, limits: { pingIntervalMs: Infinity } };

  test.for(leavings)(
    'end once for a client that %s while its audio waits for the upstream',
    async ([, leave], context) => {
      await runSessionCase(context, {
        proxy,
        upstream: 'readsNothing',
        async attack({ bench, client }) {
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
      });
    },
  );

  test.for(leavings)('end once for a client that %s behind its close frame', async ([, leave], context) => {
    await runSessionCase(context, {
      proxy,
      upstream: 'neverCloses',
      asks: () => ({ answersClose: false }),
      async attack({ bench, client, session }) {
        await client.waitForMessage();
        client.close(4001, 'going');
        leave(client);
        await untilCloseFrame(session);
        bench.clock.advance(CLOSE_MS);
        expect(await session.closed).toMatchObject({ code: 4001, reason: 'going' });
      },
      wire: 'nothing',
    });
  });

  test.for(leavings)(
    'end once for a client that %s instead of answering a close',
    async ([, leave], context) => {
      await runSessionCase(context, {
        proxy,
        upstream: { name: 'closeWith', code: 4000, reason: 'over', afterFrames: 1 },
        asks: () => ({ answersClose: false }),
        async attack({ client }) {
          client.send('go');
          await client.waitForCloseFrame();
          leave(client);
        },
        wire: 'nothing',
      });
    },
  );

  test('end a client whose upstream never answers the close', async (context) => {
    await runSessionCase(context, {
      proxy,
      upstream: 'neverCloses',
      async attack({ bench, client, session }) {
        await client.waitForMessage();
        client.close(NORMAL_CLOSURE, 'bye');
        await client.waitForClose();
        await untilCloseFrame(session);
        bench.clock.advance(CLOSE_MS - 1);
        expect([bench.mock.sessions, bench.proxy.sessions]).toEqual([1, 1]);
        bench.clock.advance(1);
      },
      wire: { passed: { code: NORMAL_CLOSURE, reason: 'bye' } },
    });
  });

  test('end a client whose upstream ends its side alone and goes on reading', async (context) => {
    await runSessionCase(context, {
      proxy,
      upstream: { name: 'halfClose', afterFrames: 1 },
      attack({ client }) {
        client.send('go');
      },
      wire: { ended: 'UpstreamUnavailable' },
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
        const client = await bench.dial();
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
      wire: GOODBYE,
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
        const client = await bench.dial();
        for (let at = 0; at < count; at += 1) client.sendBytes(frame);
        return client;
      },
      wire: { told: 'TooLarge' },
      dials: 1,
    });
  });

  test('tell a client that sends all the while that its upstream never opened, in time', async (context) => {
    await runAbuseCase(context, {
      proxy,
      upstream: 'silent',
      async attack(bench) {
        const client = await bench.dial();
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
      await runSessionCase(context, {
        proxy,
        asks: inSessionMode,
        async attack({ bench, client, session }) {
          await client.waitForMessage();
          leave(client);
          await eventually(
            () => linesSaying(bench.logs, 'session held').length > 0,
            () => 'the session to be held',
          );
          expect(bench.proxy.sessions).toBe(1);
          bench.clock.advance(HOLD_MS);
          expect(await session.closed).toMatchObject({ code: NORMAL_CLOSURE });
          // For as long again a client may ask what it has lost.
          bench.clock.advance(HOLD_MS);
        },
        wire: 'nothing',
      });
    },
  );
});

test('begins a new session for each of 50 guesses at an id, and none touches the session of another', async (context) => {
  await runSessionCase(context, {
    asks: inSessionMode,
    async attack({ bench, client: own }) {
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
    },
    dials: 51,
  });
});
