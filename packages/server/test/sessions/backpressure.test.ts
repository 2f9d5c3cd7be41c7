import { expect, test } from 'vitest';
import { type AbuseBench, startBench } from '../support/abuse-bench.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { expectWire } from '../support/wire-outcome.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';

const MEBIBYTE = 1024 * 1024;
const FLOOD_BYTES = 64 * MEBIBYTE;
const CHUNK = Buffer.alloc(64 * 1024, 7);
const CHUNKS = FLOOD_BYTES / CHUNK.length;
/** Room for the sockets' buffers and for garbage; an unbounded queue would hold the whole flood. */
const BOUND_BYTES = 40 * MEBIBYTE;

const STALL_MS = 30_000;

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Resolves when the session's stall is being timed, after 20 round trips of another client through the same process. */
async function stalled(bench: AbuseBench, marker: WsClient, timersBefore: number): Promise<void> {
  const isTimed = (): boolean => bench.clock.pending() > timersBefore;
  const tripsBefore = marker.frames.length;
  for (let trip = tripsBefore + 1; trip <= tripsBefore + 20; trip += 1) {
    await eventually(isTimed, () => 'a stall to be timed');
    marker.send(`trip ${trip}`);
    await marker.waitForFrames(trip);
  }
  expect(isTimed()).toBe(true);
}

/** A client of a second session, which must be served all the while. */
async function openMarker(context: TestCleanup, bench: AbuseBench): Promise<WsClient> {
  bench.mock.setScenario('echo');
  const marker = await openWs(context, `ws://127.0.0.1:${bench.listening.port}${bench.target()}`);
  await bench.mock.waitForSession();
  return marker;
}

interface Jam {
  readonly bench: AbuseBench;
  readonly client: RawClient;
  readonly marker: WsClient;
  readonly memoryBefore: number;
}

/** An upstream that floods a client which has stopped reading, until the relay holds the upstream back. */
async function jamDown(context: TestCleanup, totalBytes = FLOOD_BYTES): Promise<Jam> {
  const bench = await startBench(context, { proxy: { limits: { pingIntervalMs: Infinity } } });
  const marker = await openMarker(context, bench);
  bench.mock.setScenario({
    name: 'flood',
    totalBytes,
    frameBytes: CHUNK.length,
    afterFrames: 1,
  });
  const client = await bench.upgrade();
  await client.response();
  const memoryBefore = memory();
  const timersBefore = bench.clock.pending();
  client.send('go');
  client.pauseReading();
  await stalled(bench, marker, timersBefore);
  return { bench, client, marker, memoryBefore };
}

test('holds back an upstream whose client does not read, in bounded memory', async (context) => {
  const { bench, memoryBefore } = await jamDown(context);
  const session = await bench.mock.waitForSession();
  expect(session.bufferedBytes, 'bytes that the upstream could not send').toBeGreaterThan(0);
  expect(memory() - memoryBefore).toBeLessThan(BOUND_BYTES);
});

test('delivers the whole flood once the client reads again', async (context) => {
  const { bench, client } = await jamDown(context, FLOOD_BYTES / 2);
  bench.clock.advance(STALL_MS - 1);
  client.resumeReading();
  await eventually(
    () => client.messages.length === CHUNKS / 2,
    () => `${CHUNKS / 2} frames; ${client.messages.length} came`,
    4_000,
  );
  expect(client.messages.every(({ payload }) => payload.length === CHUNK.length)).toBe(true);
  bench.clock.advance(STALL_MS);
  expect(client.hasCloseFrame).toBe(false);
});

test('ends a session whose client does not read for too long, and tells it', async (context) => {
  const { bench, client, marker } = await jamDown(context);
  bench.clock.advance(STALL_MS);
  client.resumeReading();
  await expectWire(client, { ended: 'Stalled' });
  await marker.close();
  await bench.proxy.drain();
  await bench.mock.waitForIdle();
  expect(bench.clock.pending()).toBe(0);
});

/** Lets the client take some megabytes. All buffers before it are full, so it takes them from the proxy in the end. */
async function readSome(client: RawClient): Promise<void> {
  const enough = client.messages.length + (16 * MEBIBYTE) / CHUNK.length;
  client.resumeReading();
  await eventually(
    () => client.messages.length >= enough,
    () => `${enough} frames; ${client.messages.length} came`,
    4_000,
  );
  client.pauseReading();
}

test('serves a slow client for as long as it reads, and ends the session once it stops', async (context) => {
  const { bench, client, marker } = await jamDown(context, 2 * FLOOD_BYTES);
  const timersOfCalm = bench.clock.pending() - 1;
  for (let pause = 1; pause <= 3; pause += 1) {
    bench.clock.advance(STALL_MS - 1);
    await readSome(client);
    await stalled(bench, marker, timersOfCalm);
    expect(bench.proxy.sessions).toBe(2);
  }
  bench.clock.advance(STALL_MS);
  client.resumeReading();
  await expectWire(client, { ended: 'Stalled' });
  await marker.close();
  await bench.proxy.drain();
  await bench.mock.waitForIdle();
});

test('destroys a client that still does not read when its session has ended', async (context) => {
  const { bench, client, marker } = await jamDown(context);
  bench.clock.advance(STALL_MS);
  bench.clock.advance(5_000);
  await marker.close();
  await bench.proxy.drain();
  await bench.mock.waitForIdle();
  client.resumeReading();
  await client.waitForClose();
  expect(client.hasCloseFrame).toBe(false);
});

/** Sends the flood as fast as the connection takes it, one frame in memory at a time; stops when the socket closes. */
async function pour(client: WsClient): Promise<number> {
  let sent = 0;
  while (sent < CHUNKS) {
    const failed = await new Promise<unknown>((resolve) => client.socket.send(CHUNK, resolve));
    if (failed) return sent;
    sent += 1;
  }
  return sent;
}

test('holds back a client whose upstream does not read, and ends the session in time', async (context) => {
  const bench = await startBench(context, { proxy: { limits: { pingIntervalMs: Infinity } } });
  const marker = await openMarker(context, bench);
  bench.mock.setScenario('readsNothing');
  const client = await openWs(context, `ws://127.0.0.1:${bench.listening.port}${bench.target()}`);
  const memoryBefore = memory();
  const timersBefore = bench.clock.pending();
  const pouring = pour(client);
  await stalled(bench, marker, timersBefore);
  expect(client.socket.bufferedAmount, 'bytes that the client could not send').toBeGreaterThan(0);
  expect(memory() - memoryBefore).toBeLessThan(BOUND_BYTES);
  bench.clock.advance(STALL_MS);
  expect((await client.waitForClose()).reason).toBe('stalled');
  expect(await pouring).toBeLessThan(CHUNKS);
  expect(client.frames.map(({ payload }) => JSON.parse(String(payload)))).toMatchObject([
    { code: 'stalled' },
  ]);
  bench.clock.advance(5_000);
  await marker.close();
  await bench.proxy.drain();
});
