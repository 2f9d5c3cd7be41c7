import { describe, expect, test } from 'vitest';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { linesSaying } from '../support/abuse-case.ts';
import { eventually } from '../support/eventually.ts';
import { runSessionCase } from '../support/session-case.ts';

const MEBIBYTE = 1024 * 1024;
const STALL_MS = 30_000;
const CLOSE_MS = 5_000;
/** Room for the buffers of sockets and for garbage; an unbounded queue would hold the whole flood. */
const BOUND_BYTES = 40 * MEBIBYTE;

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Resolves when one more timer of the proxy runs: that of a stall. */
const untilStalled = ({ clock }: AbuseBench, timersBefore: number): Promise<void> =>
  eventually(
    () => clock.pending() > timersBefore,
    () => 'a stall to be timed',
    4_000,
  );

/** Moves the clock by small steps, which leave time for what sockets still take, until the session has stalled. */
const untilEnded = ({ clock, logs, proxy }: AbuseBench): Promise<void> =>
  eventually(
    () => {
      clock.advance(100);
      return proxy.sessions === 0 || linesSaying(logs, 'session ended').length > 0;
    },
    () => 'the session to end',
    8_000,
  );

const expectStalled = ({ logs }: AbuseBench): void =>
  expect(linesSaying(logs, 'session ended').map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { cause: 'stalled' },
  ]);

/** A thousand pings as long as they may be. */
const pings = (mask: boolean): Buffer =>
  Buffer.concat(
    Array.from({ length: 1_000 }, () =>
      encodeFrame({ opcode: OPCODES.ping, payload: Buffer.alloc(125), mask }),
    ),
  );

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  /** Nothing but a stall ends a session. */
  const proxy = { legs, limits: { pingIntervalMs: Infinity, idleTimeoutMs: Infinity } };

  /** Each is written by itself by the library, which takes its time. */
  const PINGS = legs === 'bytes' ? 100_000 : 10_000;

  test(
    `answer ${PINGS} pings of a client that does not read meanwhile, in order`,
    { timeout: 20_000 },
    async (context) => {
      await runSessionCase(context, {
        proxy,
        async attack({ client, session }) {
          client.pauseReading();
          const each = Array.from({ length: PINGS }, (_, at) =>
            encodeFrame({ opcode: OPCODES.ping, payload: String(at), mask: true }),
          );
          client.sendBytes(Buffer.concat(each));
          await eventually(
            () => session.wireFrames.length >= PINGS,
            () => `${PINGS} pings at the upstream; ${session.wireFrames.length} came`,
            12_000,
          );
          expect(client.wireFrames).toEqual([]);
          client.resumeReading();
          await eventually(
            () => client.wireFrames.length >= PINGS,
            () => `${PINGS} pongs; ${client.wireFrames.length} came`,
            8_000,
          );
          expect(client.wireFrames.every(({ opcode }) => opcode === OPCODES.pong)).toBe(true);
          expect(client.wireFrames.findIndex(({ payload }, at) => payload.toString() !== String(at))).toBe(
            -1,
          );
        },
      });
    },
  );

  const pours: [what: string, bytes: () => Buffer, times: number][] = [
    ['pings', () => pings(true), 500],
    [
      'audio',
      () => encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(64 * 1024), mask: true }),
      1_024,
    ],
  ];

  test.for(pours)(
    'hold back a client that pours %s into an upstream that reads nothing, in bounded memory, and end it in time',
    async ([, make, times], context) => {
      await runSessionCase(context, {
        proxy,
        upstream: 'readsNothing',
        async attack({ bench, client }) {
          const timers = bench.clock.pending();
          const bytes = make();
          const before = memory();
          // One buffer many times: what waits on the client's side costs no memory of its own.
          for (let count = 0; count < times; count += 1) client.sendBytes(bytes);
          await untilStalled(bench, timers);
          expect(memory() - before).toBeLessThan(BOUND_BYTES);
          bench.clock.advance(STALL_MS);
          bench.clock.advance(CLOSE_MS);
          bench.mock.release();
          await client.waitForClose();
        },
        wire: 'nothing',
        also: expectStalled,
      });
    },
  );

  test('90: let no audio for an upstream that reads nothing get older than the setting', async (context) => {
    const stallTimeoutMs = 2_000;
    await runSessionCase(context, {
      proxy: { ...proxy, limits: { ...proxy.limits, stallTimeoutMs } },
      upstream: 'readsNothing',
      async attack({ bench, client }) {
        const timers = bench.clock.pending();
        const bytes = encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(65_536), mask: true });
        for (let count = 0; count < 1_024; count += 1) client.sendBytes(bytes);
        await untilStalled(bench, timers);
        bench.clock.advance(stallTimeoutMs);
        bench.clock.advance(CLOSE_MS);
        bench.mock.release();
        await client.waitForClose();
      },
      wire: 'nothing',
      also: expectStalled,
    });
  });

  test('90: give up audio that waits longer than the limit of lag, though the stall has time left', async (context) => {
    const lagTimeoutMs = 2_000;
    await runSessionCase(context, {
      proxy: { ...proxy, limits: { ...proxy.limits, lagTimeoutMs } },
      upstream: 'readsNothing',
      async attack({ bench, client }) {
        const timers = bench.clock.pending();
        const bytes = encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(65_536), mask: true });
        for (let count = 0; count < 1_024; count += 1) client.sendBytes(bytes);
        await untilStalled(bench, timers);
        bench.clock.advance(lagTimeoutMs * 1.5);
        bench.clock.advance(CLOSE_MS);
        bench.mock.release();
        await client.waitForClose();
      },
      wire: 'nothing',
      also: expectStalled,
    });
  });

  test('hold back a client that pours refused messages and reads no refusal, in bounded memory, and end it in time', async (context) => {
    await runSessionCase(context, {
      proxy,
      policy: {},
      messages: { up: () => ({ drop: true, tell: 'refused'.padEnd(500, '.') }) },
      async attack({ bench, client }) {
        const timers = bench.clock.pending();
        const refused = Buffer.concat(
          Array.from({ length: 1_000 }, () =>
            encodeFrame({ opcode: OPCODES.text, payload: 'x', mask: true }),
          ),
        );
        const before = memory();
        client.pauseReading();
        for (let count = 0; count < 400; count += 1) client.sendBytes(refused);
        await untilStalled(bench, timers);
        // In as many turns the whole flood would be read, and refused.
        for (let turn = 0; turn < 400; turn += 1) await new Promise<void>((done) => setImmediate(done));
        expect(memory() - before).toBeLessThan(BOUND_BYTES);
        bench.clock.advance(STALL_MS - 1);
        await untilEnded(bench);
        client.destroy();
      },
      wire: 'nothing',
      also: expectStalled,
    });
  });

  const floods: [what: string, upstream: ScenarioChoice][] = [
    [
      '60 MB of pings',
      async (session) => {
        await session.waitForFrame(() => true);
        const bytes = pings(false);
        for (let count = 0; count < 500 && session.isWritable; count += 1)
          if (!session.sendBytes(bytes)) await session.drained();
      },
    ],
    ['1 GB of audio', { name: 'flood', totalBytes: 1024 * MEBIBYTE, afterFrames: 1 }],
  ];

  test.for(floods)(
    'hold back an upstream with %s for a client that does not read, in bounded memory, and end it in time',
    async ([, upstream], context) => {
      await runSessionCase(context, {
        proxy,
        upstream,
        async attack({ bench, client }) {
          const timers = bench.clock.pending();
          const before = memory();
          client.pauseReading();
          client.send('go');
          await untilStalled(bench, timers);
          bench.clock.advance(STALL_MS - 1);
          expect(memory() - before).toBeLessThan(BOUND_BYTES);
          await untilEnded(bench);
          // What had been sent is there to be read.
          client.resumeReading();
          await eventually(
            () => client.wireFrames.length > 0,
            () => 'a frame',
          );
          client.destroy();
        },
        wire: 'nothing',
        also: expectStalled,
      });
    },
  );

  test('take pongs that nobody asked for', async (context) => {
    await runSessionCase(context, {
      proxy,
      async attack({ client }) {
        for (let at = 0; at < 1_000; at += 1) client.sendFrame({ opcode: OPCODES.pong, payload: 'voxproxy' });
        for (let at = 0; at < 1_000; at += 1) client.sendFrame({ opcode: OPCODES.pong, payload: String(at) });
        client.send('still here');
        expect((await client.waitForMessage()).payload.toString()).toBe('still here');
      },
    });
  });

  test('refuse a message of 200 MB that the upstream announces', async (context) => {
    await runSessionCase(context, {
      proxy,
      upstream: { name: 'oversize', totalBytes: 200_000_000, afterFrames: 1 },
      async attack({ client }) {
        const before = memory();
        client.send('go');
        await client.waitForClose();
        expect(memory() - before).toBeLessThan(BOUND_BYTES);
      },
      wire: { ended: 'TooLarge' },
    });
  });

  test('refuse a message of 200 MB that the upstream sends in parts, where it is too long', async (context) => {
    await runSessionCase(context, {
      proxy,
      async upstream(session) {
        await session.waitForFrame(() => true);
        for (let part = 0; part < 200 && session.isWritable; part += 1) {
          const opcode = part === 0 ? OPCODES.binary : OPCODES.continuation;
          session.sendFrame({ opcode, payload: Buffer.alloc(1_000_000), fin: false });
          await session.drained();
        }
      },
      async attack({ client }) {
        client.send('go');
        await client.waitForClose();
        const bytes = client.wireFrames.reduce((sum, { payload }) => sum + payload.length, 0);
        expect(bytes).toBeLessThan(17 * MEBIBYTE);
      },
      // In the middle of a message no other may stand, so that the close comes alone.
      wire: legs === 'bytes' ? { closed: 'TooLarge' } : { ended: 'TooLarge' },
    });
  });

  test('serve a client that reads one byte at a time', async (context) => {
    const texts = Array.from({ length: 60 }, (_, at) => `${at} `.padEnd(1_000, '.'));
    await runSessionCase(context, {
      proxy,
      asks: () => ({ bytesPerRead: 1, deadlineMs: 8_000 }),
      async upstream(session) {
        await session.waitForFrame(() => true);
        for (const text of texts) session.send(text);
      },
      async attack({ client }) {
        client.send('go');
        const messages = await client.waitForMessages(texts.length);
        expect(messages.map(({ payload }) => payload.toString())).toEqual(texts);
        expect(client.reads).toBe(client.received.length);
      },
    });
  });
});
