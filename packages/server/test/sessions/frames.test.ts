import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import type { MockFrame } from '../../src/testing/message-reader.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import { type AbuseBench, startBench } from '../support/abuse-bench.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';

const LONGEST_BYTES = 200_000;

const url = ({ listening, target }: AbuseBench): string => `ws://127.0.0.1:${listening.port}${target()}`;

/** Frames of both kinds, most of them small, some empty, some of the longest; text with characters of up to four bytes. */
const anyFrame: fc.Arbitrary<MockFrame> = fc
  .record({
    kind: fc.constantFrom('text' as const, 'binary' as const),
    bytes: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
      { weight: 3, arbitrary: fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, LONGEST_BYTES) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: LONGEST_BYTES }) },
    ),
    seed: fc.integer({ min: 1, max: 0xffff }),
  })
  .map(({ kind, bytes, seed }) => ({
    kind,
    payload: kind === 'text' ? textOf(bytes, seed) : bytesOf(bytes, seed),
  }));

function bytesOf(bytes: number, seed: number): Buffer {
  const payload = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 1) payload[at] = (seed * (at + 7)) >> 3;
  return payload;
}

function textOf(bytes: number, seed: number): Buffer {
  const alphabet = ['a', 'é', '語', '\u{1f511}', '\n', '{"type":"Settings"}'];
  const unit = alphabet[seed % alphabet.length] ?? '';
  return Buffer.from(unit.repeat(Math.floor(bytes / Buffer.byteLength(unit))));
}

/** One text for a sequence of frames: their number, and a hash over kind, length and payload of each in order. */
function digestOf(frames: readonly MockFrame[]): string {
  const hash = createHash('sha256');
  for (const { kind, payload } of frames) hash.update(`${kind} ${payload.length}\n`).update(payload);
  return `${frames.length} frames, ${hash.digest('hex')}`;
}

function sendAll(client: WsClient, frames: readonly MockFrame[]): void {
  for (const { kind, payload } of frames) client.send(kind === 'text' ? payload.toString() : payload);
}

test.for([1, 2, 3])(
  'keeps order, kind and content of frames both ways under load (%i)',
  async (seed, context) => {
    const [up, down] = fc.sample(fc.array(anyFrame, { minLength: 150, maxLength: 150, size: 'max' }), {
      seed,
      numRuns: 2,
    }) as [MockFrame[], MockFrame[]];
    const bench = await startBench(context, {
      async upstream(session) {
        for (const { kind, payload } of down) {
          session.send(kind === 'text' ? payload.toString() : payload);
          await session.drained();
        }
      },
    });
    const client = await openWs(context, url(bench));
    sendAll(client, up);
    const session = await bench.mock.waitForSession();
    await session.waitForFrame(() => session.frames.length === up.length);
    await client.waitForFrames(down.length);
    await client.close(NORMAL_CLOSURE);
    expect(digestOf(session.frames)).toBe(digestOf(up));
    expect(digestOf(client.frames)).toBe(digestOf(down));
  },
);

test('counts in the log what passed', async (context) => {
  const bench = await startBench(context);
  const client = await openWs(context, url(bench));
  client.send('12345');
  client.send(Buffer.alloc(100));
  await client.waitForFrames(2);
  await client.close(NORMAL_CLOSURE);
  await bench.proxy.drain();
  expect(JSON.parse(bench.logs.at(-1) ?? '')).toMatchObject({
    up: { frames: 2, bytes: 105 },
    down: { frames: 2, bytes: 105 },
  });
});

const early = [
  { opcode: OPCODES.text, payload: '{"type":"Settings"}' },
  { opcode: OPCODES.binary, payload: Buffer.from([0, 255, 1]) },
  { opcode: OPCODES.text, payload: '' },
  { opcode: OPCODES.text, payload: 'in two ', fin: false },
  { opcode: OPCODES.continuation, payload: 'parts' },
];
const earlyTexts = ['{"type":"Settings"}', '\u0000\u00ff\u0001', '', 'in two parts', 'late'];

test.for(['echo', 'slowOpen'] as const)(
  'delivers frames of the packet of the upgrade once and in order (%s)',
  async (upstream, context) => {
    const bench = await startBench(context, { upstream, mock: { allow: { anyFirstFrame: true } } });
    const tail = Buffer.concat(early.map((shape) => encodeFrame({ mask: true, ...shape })));
    const client = await bench.upgrade({ tail });
    await bench.mock.waitForDial(1);
    client.send('late');
    bench.mock.release();
    const session = await bench.mock.waitForSession();
    await session.waitForFrame(({ payload }) => payload.toString() === 'late');
    expect(session.frames.map(({ payload }) => payload.toString('latin1'))).toEqual(earlyTexts);
    expect(session.frames.map(({ kind }) => kind)).toEqual(['text', 'binary', 'text', 'text', 'text']);
    bench.mock.expectNoViolations();
  },
);

test("delivers the upstream's greeting, sent in one packet with its acceptance, before all else", async (context) => {
  const bench = await startBench(context, {
    async upstream(session) {
      session.send('welcome');
      session.send(Buffer.from('sound'));
      for await (const { payload } of session.received()) session.send(payload);
    },
  });
  const client = await bench.upgrade({
    tail: encodeFrame({ opcode: OPCODES.text, payload: 'early', mask: true }),
  });
  await client.waitForMessage(({ payload }) => payload.toString() === 'early');
  expect(client.messages.map(({ kind, payload }) => `${kind} ${payload.toString()}`)).toEqual([
    'text welcome',
    'binary sound',
    'binary early',
  ]);
});

test('delivers everything before the close of a side that sends both in one go', async (context) => {
  const frames = Array.from({ length: 50 }, (_, at) => `frame ${at}`);
  const bench = await startBench(context, {
    upstream(session) {
      for (const frame of frames) session.send(frame);
      session.close(4000, 'that was all');
    },
  });
  const client = await openWs(context, url(bench));
  for (const frame of frames) client.send(frame);
  expect(await client.waitForClose()).toEqual({ code: 4000, reason: 'that was all' });
  expect(client.frames.map(({ payload }) => payload.toString())).toEqual(frames);
});

test('keeps two sessions of one user apart', async (context) => {
  const bench = await startBench(context, { upstream: 'echo' });
  const [one, other] = await Promise.all([openWs(context, url(bench)), openWs(context, url(bench))]);
  for (let count = 0; count < 100; count += 1) {
    one.send(`one ${count}`);
    other.send(`other ${count}`);
  }
  await Promise.all([one.waitForFrames(100), other.waitForFrames(100)]);
  expect(one.frames.every(({ payload }) => payload.toString().startsWith('one'))).toBe(true);
  expect(other.frames.every(({ payload }) => payload.toString().startsWith('other'))).toBe(true);
  expect(bench.mock.dials).toBe(2);
});
