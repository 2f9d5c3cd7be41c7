import { expect, test } from 'vitest';
import { socketsHeard } from '../../src/clock.ts';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import type { LimitOptions, VoiceProxyOptions } from '../../src/index.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import { type AbuseBench, startBench } from '../support/abuse-bench.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { createTestSignal } from '../support/test-signal.ts';
import { expectWire } from '../support/wire-outcome.ts';

interface Open {
  readonly bench: AbuseBench;
  readonly client: RawClient;
}

/** An open session of which the clock is moved from now on. */
async function openSession(
  context: TestCleanup,
  limits: LimitOptions,
  more: Partial<VoiceProxyOptions> = {},
): Promise<Open> {
  const proxy = { ...more, limits: { pingIntervalMs: Infinity, ...limits } };
  const bench = await startBench(context, { upstream: 'echo', proxy });
  const client = await bench.upgrade();
  const open = { bench, client };
  await talk(open);
  return open;
}

/** One frame there and back. */
async function talk({ client }: Open): Promise<void> {
  const count = client.messages.length;
  client.send(`frame ${count}`);
  await client.waitForMessage(({ payload }) => payload.toString() === `frame ${count}`);
}

/** What the client has sent has reached the proxy. */
async function untilTaken(client: RawClient): Promise<void> {
  await eventually(
    () => client.unsentBytes === 0,
    () => 'all to be sent',
  );
  await socketsHeard();
}

async function expectOver({ bench }: Open): Promise<void> {
  const { closed } = await bench.mock.waitForSession();
  expect(await closed).toEqual({ code: NORMAL_CLOSURE, reason: '', wasReset: false });
  await bench.proxy.drain();
  await bench.mock.waitForIdle();
  expect(bench.clock.pending()).toBe(0);
}

test('ends a session in which nothing was sent for too long, without calling it an error', async (context) => {
  const open = await openSession(context, { idleTimeoutMs: 1_000 });
  open.bench.clock.advance(1_250);
  await expectWire(open.client, { closed: 'IdleTimeout' });
  await expectOver(open);
});

test('keeps a session in which something is sent now and then', async (context) => {
  const open = await openSession(context, { idleTimeoutMs: 1_000, longestSessionMs: Infinity });
  for (let time = 0; time < 10; time += 1) {
    open.bench.clock.advance(950);
    await talk(open);
  }
  expect(open.client.hasCloseFrame).toBe(false);
});

test('ends a session that reached its longest time, however busy', async (context) => {
  const open = await openSession(context, { longestSessionMs: 10_000, idleTimeoutMs: Infinity });
  open.bench.clock.advance(9_999);
  await talk(open);
  open.bench.clock.advance(1);
  await expectWire(open.client, { closed: 'SessionLimit' });
  await expectOver(open);
});

test('ends a session with its token where that is asked for', async (context) => {
  const open = await openSession(context, { idleTimeoutMs: Infinity }, { endAtExpiry: true });
  open.bench.clock.advance(299_999);
  await talk(open);
  open.bench.clock.advance(1);
  await expectWire(open.client, { ended: 'AuthExpired' });
  await expectOver(open);
});

test('lets a session outlive its token otherwise', async (context) => {
  const open = await openSession(context, { idleTimeoutMs: Infinity });
  open.bench.clock.advance(3_599_000);
  await talk(open);
  expect(open.client.hasCloseFrame).toBe(false);
});

const PING_MS = 25_000;

test('gives up a client that answers no ping', async (context) => {
  const open = await openSession(context, { pingIntervalMs: PING_MS, idleTimeoutMs: Infinity });
  open.client.pauseReading();
  open.bench.clock.advance(PING_MS);
  open.bench.clock.advance(PING_MS);
  expect(open.bench.proxy.sessions).toBe(1);
  open.bench.clock.advance(PING_MS);
  await expectOver(open);
  open.client.resumeReading();
  expect((await open.client.waitForClose()).code).toBe(1006);
  expect(JSON.parse(open.bench.logs.at(-1) ?? '')).toMatchObject({ cause: 'client', code: 1006 });
});

test('keeps a silent client that answers pings', async (context) => {
  const open = await openSession(context, { pingIntervalMs: PING_MS, idleTimeoutMs: Infinity });
  const { client, bench } = open;
  const seen = (opcode: number): number =>
    client.wireFrames.filter((frame) => frame.opcode === opcode).length;
  for (let round = 1; round <= 10; round += 1) {
    bench.clock.advance(PING_MS);
    await eventually(
      () => seen(OPCODES.ping) === round,
      () => `ping ${round}`,
    );
    // Its answer shows that the pong before it has been read.
    client.sendFrame({ opcode: OPCODES.ping });
    await eventually(
      () => seen(OPCODES.pong) === round,
      () => `the answer to marker ${round}`,
    );
  }
  await talk(open);
});

test.for(['bytes', 'messages'] as const)(
  'keeps a client that is busy with one long frame (legs of %s)',
  async (legs, context) => {
    const limits = { pingIntervalMs: PING_MS, messageTimeoutMs: Infinity, idleTimeoutMs: Infinity };
    const { bench, client } = await openSession(context, limits, { legs });
    const frame = encodeFrame({ opcode: OPCODES.binary, mask: true, payload: Buffer.alloc(1_000_000) });
    const session = await bench.mock.waitForSession();
    const step = 50_000;
    for (let at = 0; at < frame.length; at += step) {
      client.sendBytes(frame.subarray(at, at + step));
      await untilTaken(client);
      bench.clock.advance(PING_MS - 1);
    }
    const { payload } = await session.waitForFrame(({ kind }) => kind === 'binary');
    expect(payload.length).toBe(1_000_000);
  },
);

test('keeps a client whose message is judged for long', async (context) => {
  const judged = createTestSignal();
  const limits = { pingIntervalMs: 2_000, hookTimeoutMs: 60_000 };
  const bench = await startBench(context, {
    upstream: 'echo',
    messages: { up: () => judged.told().then(() => ({ forward: 'judged' })) },
    proxy: { limits },
  });
  const { client } = await bench.open();
  client.send('to be judged');
  await untilTaken(client);
  for (let round = 0; round < 10; round += 1) {
    bench.clock.advance(2_000);
    await socketsHeard();
  }
  judged.tell(undefined);
  await client.waitForMessage(({ payload }) => payload.toString() === 'judged');
});

test('pings no upstream', async (context) => {
  const open = await openSession(context, { pingIntervalMs: PING_MS, idleTimeoutMs: Infinity });
  const session = await open.bench.mock.waitForSession();
  open.bench.clock.advance(PING_MS);
  await talk(open);
  expect(session.wireFrames.some(({ opcode }) => opcode === OPCODES.ping)).toBe(false);
});

test('does not end a session twice when a deadline and a close meet', async (context) => {
  const open = await openSession(context, { longestSessionMs: 10_000, idleTimeoutMs: 10_000 });
  open.client.close(NORMAL_CLOSURE);
  open.bench.clock.advance(20_000);
  await open.client.waitForClose();
  await expectOver(open);
  expect(open.bench.logs.filter((line) => line.includes('session ended'))).toHaveLength(1);
  expect(open.bench.logs.join()).not.toContain(CLOSE_ROWS.Internal.word);
});
