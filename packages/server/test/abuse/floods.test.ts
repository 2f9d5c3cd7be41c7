import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { type MockFrame, MessageReader } from '../../src/testing/message-reader.ts';
import { splitHead } from '../../src/testing/upgrade-request.ts';
import { encodeFrame, FrameReader, OPCODES } from '../../src/testing/wire-frames.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import { requestBytes } from '../support/raw-request.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';

const MEBIBYTE = 1024 * 1024;
const STALL_MS = 30_000;
const CLOSE_MS = 5_000;
/** Room for the buffers of sockets and for garbage; an unbounded queue would hold the whole flood. */
const BOUND_BYTES = 40 * MEBIBYTE;

const limits = { pingIntervalMs: Infinity };
const BYE = { passed: { code: NORMAL_CLOSURE, reason: '' } } as const;

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
      return proxy.sessions === 0 || logs.some((line) => line.includes('session ended'));
    },
    () => 'the session to end',
    8_000,
  );

const untilMessages = (client: RawClient, count: number): Promise<void> =>
  eventually(
    () => client.messages.length >= count,
    () => `${count} messages; ${client.messages.length} came`,
    8_000,
  );

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  const proxy = { legs, limits };

  /** Each is written by itself by the library, which takes its time. */
  const PINGS = legs === 'bytes' ? 100_000 : 10_000;

  test(
    `answer ${PINGS} pings of a client that does not read meanwhile, in order`,
    { timeout: 20_000 },
    async (context) => {
      await runAbuseCase(context, {
        proxy,
        async attack(bench) {
          const client = await bench.upgrade();
          await client.response();
          client.pauseReading();
          const pings = Array.from({ length: PINGS }, (_, at) =>
            encodeFrame({ opcode: OPCODES.ping, payload: String(at), mask: true }),
          );
          client.sendBytes(Buffer.concat(pings));
          client.resumeReading();
          await eventually(
            () => client.wireFrames.length >= PINGS,
            () => `${PINGS} pongs; ${client.wireFrames.length} came`,
            16_000,
          );
          expect(client.wireFrames.every(({ opcode }) => opcode === OPCODES.pong)).toBe(true);
          expect(client.wireFrames.findIndex(({ payload }, at) => payload.toString() !== String(at))).toBe(
            -1,
          );
          client.close(NORMAL_CLOSURE);
          return client;
        },
        wire: BYE,
        dials: 1,
      });
    },
  );

  test('hold back a client that floods an upstream with pings, in bounded memory, and end it in time', async (context) => {
    await runAbuseCase(context, {
      proxy,
      upstream: 'readsNothing',
      async attack(bench) {
        const client = await bench.upgrade();
        await client.response();
        const timers = bench.clock.pending();
        const ping = encodeFrame({ opcode: OPCODES.ping, payload: Buffer.alloc(125), mask: true });
        const pings = Buffer.concat(Array.from({ length: 500_000 }, () => ping));
        const before = memory();
        client.sendBytes(pings);
        await untilStalled(bench, timers);
        expect(memory() - before).toBeLessThan(BOUND_BYTES);
        bench.clock.advance(STALL_MS);
        bench.clock.advance(CLOSE_MS);
        bench.mock.release();
        await client.waitForClose();
      },
      wire: 'nothing',
      dials: 1,
    });
  });

  test('hold back an upstream that sends pings to a client that does not read, and end it in time', async (context) => {
    const ping = encodeFrame({ opcode: OPCODES.ping, payload: Buffer.alloc(125) });
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => ping));
    await runAbuseCase(context, {
      proxy,
      async upstream(session) {
        await session.waitForFrame(() => true);
        for (let count = 0; count < 500 && session.isWritable; count += 1)
          if (!session.sendBytes(pings)) await session.drained();
      },
      async attack(bench) {
        const client = await bench.upgrade();
        await client.response();
        const timers = bench.clock.pending();
        const before = memory();
        client.pauseReading();
        client.send('go');
        await untilStalled(bench, timers);
        expect(memory() - before).toBeLessThan(BOUND_BYTES);
        await untilEnded(bench);
        client.destroy();
      },
      wire: 'nothing',
      dials: 1,
    });
  });

  test('take pongs that nobody asked for', async (context) => {
    await runAbuseCase(context, {
      proxy,
      async attack(bench) {
        const client = await bench.upgrade();
        for (let at = 0; at < 1_000; at += 1) client.sendFrame({ opcode: OPCODES.pong, payload: 'voxproxy' });
        for (let at = 0; at < 1_000; at += 1) client.sendFrame({ opcode: OPCODES.pong, payload: String(at) });
        client.send('still here');
        expect((await client.waitForMessage()).payload.toString()).toBe('still here');
        client.close(NORMAL_CLOSURE);
        return client;
      },
      wire: BYE,
      dials: 1,
    });
  });

  test('refuse a message of 200 MB that the upstream announces', async (context) => {
    await runAbuseCase(context, {
      proxy,
      upstream: { name: 'oversize', totalBytes: 200_000_000, afterFrames: 1 },
      async attack(bench) {
        const client = await bench.upgrade();
        await client.response();
        const before = memory();
        client.send('go');
        await client.waitForClose();
        expect(memory() - before).toBeLessThan(BOUND_BYTES);
        return client;
      },
      wire: { ended: 'TooLarge' },
      dials: 1,
    });
  });

  test('refuse a message of 200 MB that the upstream sends in parts, where it is too long', async (context) => {
    await runAbuseCase(context, {
      proxy,
      async upstream(session) {
        await session.waitForFrame(() => true);
        for (let part = 0; part < 200 && session.isWritable; part += 1) {
          const opcode = part === 0 ? OPCODES.binary : OPCODES.continuation;
          session.sendFrame({ opcode, payload: Buffer.alloc(1_000_000), fin: false });
          await session.drained();
        }
      },
      async attack(bench) {
        const client = await bench.upgrade();
        client.send('go');
        await client.waitForClose();
        const bytes = client.wireFrames.reduce((sum, { payload }) => sum + payload.length, 0);
        expect(bytes).toBeLessThan(17 * MEBIBYTE);
        return client;
      },
      // In the middle of a message no other may stand, so that the close comes alone.
      wire: legs === 'bytes' ? { closed: 'TooLarge' } : { ended: 'TooLarge' },
      dials: 1,
    });
  });

  test('hold back an upstream with 1 GB for a client that does not read, in bounded memory', async (context) => {
    await runAbuseCase(context, {
      proxy,
      upstream: { name: 'flood', totalBytes: 1024 * MEBIBYTE, afterFrames: 1 },
      async attack(bench) {
        const client = await bench.upgrade();
        await client.response();
        const timers = bench.clock.pending();
        const before = memory();
        client.send('go');
        client.pauseReading();
        await untilStalled(bench, timers);
        bench.clock.advance(STALL_MS - 1);
        expect(memory() - before).toBeLessThan(BOUND_BYTES);
        await untilEnded(bench);
        client.destroy();
      },
      wire: 'nothing',
      dials: 1,
    });
  });

  test('hold back a client that pours audio into an upstream that reads nothing', async (context) => {
    await runAbuseCase(context, {
      proxy,
      upstream: 'readsNothing',
      async attack(bench) {
        const client = await bench.upgrade();
        await client.response();
        const timers = bench.clock.pending();
        const audio = encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(64 * 1024), mask: true });
        const before = memory();
        // One buffer many times: what waits on the client's side costs no memory of its own.
        for (let count = 0; count < 1_024; count += 1) client.sendBytes(audio);
        await untilStalled(bench, timers);
        expect(memory() - before).toBeLessThan(BOUND_BYTES);
        bench.clock.advance(STALL_MS);
        bench.clock.advance(CLOSE_MS);
        bench.mock.release();
        await client.waitForClose();
      },
      wire: 'nothing',
      dials: 1,
    });
  });

  test('serve a client that reads one byte at a time', async (context) => {
    await runAbuseCase(context, {
      proxy,
      async upstream(session) {
        await session.waitForFrame(() => true);
        for (let at = 0; at < 60; at += 1) session.send(`${at} `.padEnd(1_000, '.'));
      },
      async attack(bench) {
        const frame = encodeFrame({ opcode: OPCODES.text, payload: 'go', mask: true });
        const messages = await readByBytes(context, bench, frame, 60);
        expect(messages.map(({ payload }) => payload.length)).toEqual(
          Array.from({ length: 60 }, () => 1_000),
        );
        expect(messages.map(({ payload }) => parseInt(payload.toString(), 10))).toEqual(
          messages.map((_, at) => at),
        );
      },
      wire: 'nothing',
      dials: 1,
    });
  });
});

/** Opens a session whose client takes one byte with each read, and returns its first messages. */
async function readByBytes(
  context: TestCleanup,
  bench: AbuseBench,
  first: Buffer,
  count: number,
): Promise<MockFrame[]> {
  const messages: MockFrame[] = [];
  const faults: string[] = [];
  const reader = new MessageReader(false, {
    onMessage: (message) => messages.push(message),
    onPing: () => undefined,
    onPong: () => undefined,
    onClose: () => undefined,
    onFault: ({ problem }) => faults.push(problem),
  });
  const frames = new FrameReader((frame) => reader.read(frame));
  let head: Buffer | undefined = Buffer.alloc(0);
  const onByte = (byte: Buffer): void => {
    if (!head) frames.push(byte);
    else head = splitHead((head = Buffer.concat([head, byte]))) ? undefined : head;
  };
  const { port } = bench.listening;
  const onread = {
    buffer: Buffer.alloc(1),
    callback: (bytes: number, buffer: Uint8Array) => {
      if (bytes === 1) onByte(Buffer.from(buffer));
      return true;
    },
  };
  const socket = connect({ port, host: '127.0.0.1', onread });
  context.onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write(Buffer.concat([requestBytes({ port, target: bench.target() }), first]));
  await eventually(
    () => messages.length >= count,
    () => `${count} messages; ${messages.length} came`,
    8_000,
  );
  expect(faults).toEqual([]);
  socket.destroy();
  return messages;
}

test('ends a client that reads too little for too long, whatever it reads', async (context) => {
  await runAbuseCase(context, {
    proxy: { limits: { ...limits, idleTimeoutMs: Infinity } },
    upstream: { name: 'flood', totalBytes: 64 * MEBIBYTE, afterFrames: 1 },
    async attack(bench) {
      const client = await bench.upgrade();
      await client.response();
      const timers = bench.clock.pending();
      client.send('go');
      client.pauseReading();
      await untilStalled(bench, timers);
      await untilEnded(bench);
      client.resumeReading();
      await untilMessages(client, 1);
      client.destroy();
    },
    wire: 'nothing',
    dials: 1,
  });
});
