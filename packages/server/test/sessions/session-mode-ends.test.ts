import { describe, expect, test } from 'vitest';
import {
  ABNORMAL_CLOSURE,
  CLOSE_ROWS,
  CONTROL_BYTE,
  MAX_CONTROL_FRAME_BYTES,
  NORMAL_CLOSURE,
  toSessionQuery,
} from '../../src/contract/index.ts';
import type { LimitOptions, VoiceProxyOptions } from '../../src/index.ts';
import { OPCODES } from '../../src/testing/wire-frames.ts';
import type { MockSession } from '../../src/testing/mock-session.ts';
import { type AbuseBench, startBench } from '../support/abuse-bench.ts';
import { eventually } from '../support/eventually.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { expectWire } from '../support/wire-outcome.ts';
import {
  acknowledge,
  ask,
  type Connection,
  dataOf,
  textsOf,
  untilLogged,
  untilTaken,
} from './session-steps.ts';

const HOLD_MS = 30_000;

interface Open extends Connection {
  readonly bench: AbuseBench;
  readonly session: MockSession;
}

describe.each(['bytes', 'messages'] as const)('session mode over legs of %s', (legs) => {
  /** A session in session mode whose upstream says only what the test lets it say. */
  async function open(
    context: TestCleanup,
    limits: LimitOptions = {},
    more: Partial<VoiceProxyOptions> = {},
  ): Promise<Open> {
    const proxy = { legs, ...more, limits: { pingIntervalMs: Infinity, ...limits } };
    const bench = await startBench(context, { upstream: () => undefined, proxy });
    const connection = await ask(bench);
    return { bench, ...connection, session: await bench.mock.waitForSession() };
  }

  /** The same, with its client gone. */
  async function openHeld(context: TestCleanup, limits?: LimitOptions): Promise<Open> {
    const opened = await open(context, limits);
    opened.client.reset();
    await untilLogged(opened.bench, 'session held');
    return opened;
  }

  const comeBack = ({ bench, hello }: Open, received: number): Promise<Connection> =>
    ask(bench, { vp: toSessionQuery({ id: hello.id, received }) });

  /** Nothing is left of the session in the proxy or the upstream. */
  async function expectOver({ bench, session }: Open, close: object): Promise<void> {
    expect(await session.closed).toMatchObject(close);
    await bench.mock.waitForIdle();
    await eventually(
      () => bench.proxy.sessions === 0,
      () => 'the session to end',
    );
    expect(bench.logs.filter((line) => line.includes('session ended'))).toHaveLength(1);
  }

  const vanishings: [how: string, vanish: (opened: Open) => void][] = [
    ['resets its connection', ({ client }) => client.reset()],
    ['ends its connection without a close frame', ({ client }) => client.endStream()],
    [
      'is cut in the middle of a frame',
      ({ client }) => {
        client.sendFrame({ opcode: OPCODES.binary, payload: 'half', announcedBytes: 1_000 });
        client.endStream();
      },
    ],
    [
      'is cut in the middle of a message',
      ({ client }) => {
        client.sendFrame({ opcode: OPCODES.text, payload: 'half', fin: false });
        client.endStream();
      },
    ],
  ];

  test.for(vanishings)(
    'is held when the client %s, which the upstream does not notice',
    async (row, context) => {
      const opened = await open(context);
      row[1](opened);
      await untilLogged(opened.bench, 'session held');
      const back = await comeBack(opened, 0);
      expect(back.hello).toMatchObject({ resumed: true, received: 0 });
      back.client.send('whole');
      await opened.session.waitForFrame(() => true);
      expect(opened.session.frames.map(({ payload }) => payload.toString())).toEqual(['whole']);
      opened.bench.mock.expectNoViolations();
    },
  );

  test('ends when its client does not come back, and its counts are known for as long again', async (context) => {
    const opened = await openHeld(context);
    opened.session.send('missed');
    opened.bench.clock.advance(HOLD_MS);
    await expectOver(opened, { code: NORMAL_CLOSURE, reason: '' });
    const early = await comeBack(opened, 0);
    expect(early.hello).toMatchObject({ resumed: false, reset: { cause: 'lost', received: 0 } });
    opened.bench.clock.advance(HOLD_MS);
    expect((await comeBack(opened, 0)).hello.reset).toEqual({ cause: 'unknown' });
  });

  test('keeps the upstream awake while it is held, until the last moment of the hold', async (context) => {
    const opened = await openHeld(context);
    opened.bench.clock.advance(HOLD_MS - 1);
    expect((await comeBack(opened, 0)).hello).toMatchObject({ resumed: true, received: 0 });
    await opened.session.waitForFrame(({ payload }) => payload.toString() === '{"type":"KeepAlive"}');
  });

  test('gives a client that comes back the rest of an upstream that has closed, then its close', async (context) => {
    const opened = await openHeld(context);
    for (const text of ['one', 'two', 'three']) opened.session.send(text);
    opened.session.close(4001, 'that was all');
    await opened.session.closed;
    const { client, hello } = await comeBack(opened, 0);
    expect(hello.resumed).toBe(true);
    await expectWire(client, { passed: { code: 4001, reason: 'that was all' } });
    expect(textsOf(client)).toEqual(['one', 'two', 'three']);
    await expectOver(opened, { code: 4001 });
  });

  test('tells a client that comes back when the upstream has vanished', async (context) => {
    const opened = await openHeld(context);
    opened.session.send('one');
    opened.session.endStream();
    await opened.session.closed;
    const { client } = await comeBack(opened, 0);
    await expectWire(client, { ended: 'UpstreamUnavailable' });
    expect(textsOf(client)[0]).toBe('one');
    await opened.bench.mock.waitForIdle();
  });

  test('is over when an upstream has closed and nobody comes back for the rest', async (context) => {
    const opened = await openHeld(context);
    opened.session.close(4001, 'that was all');
    await opened.session.closed;
    expect(opened.bench.proxy.sessions).toBe(1);
    opened.bench.clock.advance(HOLD_MS);
    await expectOver(opened, { code: 4001 });
  });

  test.for([
    ['a close frame', (opened: Open) => opened.client.close(NORMAL_CLOSURE, 'bye')],
    ['a close frame without a code', (opened: Open) => opened.client.close()],
    ['a breach', (opened: Open) => opened.client.sendFrame({ opcode: OPCODES.text, rsv: 4 })],
  ] as const)('is not held after %s', async ([, leave], context) => {
    const opened = await open(context);
    leave(opened);
    await opened.client.waitForClose();
    await opened.session.closed;
    expect((await comeBack(opened, 0)).hello.reset).toEqual({ cause: 'unknown' });
    expect(opened.bench.logs.join()).not.toContain('session held');
  });

  test('ends at once when the proxy is closed while it is held', async (context) => {
    const opened = await openHeld(context);
    await opened.bench.proxy.close();
    await expectOver(opened, { code: NORMAL_CLOSURE });
    expect(opened.bench.clock.pending()).toBe(0);
  });

  test('leaves no timer when the proxy is closed after a session was lost', async (context) => {
    const opened = await openHeld(context);
    opened.bench.clock.advance(HOLD_MS);
    await expectOver(opened, { code: NORMAL_CLOSURE });
    await opened.bench.proxy.close();
    expect(opened.bench.clock.pending()).toBe(0);
  });

  test('ends with the grace of a drain while it is held, and nobody comes back meanwhile', async (context) => {
    const opened = await openHeld(context, { resumeHoldMs: 60_000 });
    const { bench, hello } = opened;
    const drained = bench.proxy.drain(10_000);
    const vp = toSessionQuery({ id: hello.id, received: 0 });
    const late = await bench.upgrade({ target: bench.target(`vp=${vp}&token=${bench.token()}`) });
    await expectWire(late, { told: 'Draining' });
    expect(bench.proxy.sessions).toBe(1);
    bench.clock.advance(10_000);
    await expectOver(opened, { code: NORMAL_CLOSURE });
    await drained;
    expect(JSON.parse(bench.logs.at(-1) ?? '')).toMatchObject({ cause: CLOSE_ROWS.Draining.word });
  });

  const control = String.fromCharCode(CONTROL_BYTE);
  const breaches: [
    what: string,
    frame: string | Buffer,
    name: 'PolicyViolation' | 'TooLarge' | 'BadPayload',
  ][] = [
    ['an acknowledgement of what was not sent', `${control}{"type":"ack","received":5}`, 'PolicyViolation'],
    ['an acknowledgement without a count', `${control}{"type":"ack"}`, 'PolicyViolation'],
    ['a control frame that is no JSON', `${control}ack 5`, 'PolicyViolation'],
    ['a control frame that is no object', `${control}[]`, 'PolicyViolation'],
    ['a control frame that is too long', control + 'x'.repeat(MAX_CONTROL_FRAME_BYTES), 'TooLarge'],
  ];

  test.for(breaches)('ends for a client that sends %s, and is not held', async ([, frame, name], context) => {
    const opened = await open(context);
    opened.client.send(frame);
    await expectWire(opened.client, { ended: name });
    await expectOver(opened, { code: NORMAL_CLOSURE });
    expect((await comeBack(opened, 0)).hello.reset).toEqual({ cause: 'unknown' });
  });

  const CHUNK = Buffer.alloc(64 * 1024, 7);
  const CHUNKS = 64;

  /** An upstream with more than may be kept, until the proxy waits for the client's acknowledgement. */
  async function fill(context: TestCleanup, limits?: LimitOptions): Promise<Open> {
    const opened = await open(context, limits ?? { resumeBytes: 4 * CHUNK.length });
    const timers = opened.bench.clock.pending();
    for (let count = 0; count < CHUNKS; count += 1) opened.session.send(CHUNK);
    await eventually(
      () => opened.bench.clock.pending() > timers,
      () => 'a stall to be timed',
    );
    return opened;
  }

  test('waits for acknowledgements when it keeps as much as it may', async (context) => {
    const opened = await fill(context);
    const { client, session } = opened;
    expect(session.bufferedBytes + dataOf(client).length * CHUNK.length).toBeLessThanOrEqual(
      CHUNKS * CHUNK.length,
    );
    expect(dataOf(client).length).toBeLessThan(CHUNKS / 2);
    let acknowledged = 0;
    while (acknowledged < CHUNKS) {
      await untilTaken(client, acknowledged + 1);
      acknowledged = dataOf(client).length;
      acknowledge(opened, acknowledged);
    }
    expect(dataOf(client).every(({ payload }) => payload.equals(CHUNK))).toBe(true);
    opened.bench.clock.advance(60_000);
    expect(client.hasCloseFrame).toBe(false);
  });

  test('stalls when its client reads but never acknowledges', async (context) => {
    const opened = await fill(context);
    // What its sockets still take of the first messages is no stall yet; small steps leave time for the close.
    await eventually(
      () => {
        opened.bench.clock.advance(100);
        return opened.client.hasCloseFrame;
      },
      () => 'the session to stall',
    );
    await expectWire(opened.client, { ended: 'Stalled' });
    await expectOver(opened, { code: NORMAL_CLOSURE });
  });

  test('gives a client that has acknowledged nothing all of it again', async (context) => {
    const opened = await fill(context);
    opened.client.reset();
    const back = await comeBack(opened, 0);
    expect(back.hello.resumed).toBe(true);
    for (let acknowledged = 0; acknowledged < CHUNKS;) {
      await untilTaken(back.client, acknowledged + 1);
      acknowledged = dataOf(back.client).length;
      acknowledge(back, acknowledged);
    }
    expect(dataOf(back.client)).toHaveLength(CHUNKS);
  });

  test('keeps within its budget for all sessions together, and a waiting session goes on', async (context) => {
    const opened = await fill(context, { resumeTotalBytes: 4 * CHUNK.length });
    const other = await ask(opened.bench);
    const session = await opened.bench.mock.waitForSession();
    session.send('small');
    await untilTaken(other.client, 1);
    // The last chunk that was let in may have been joined by what came with it.
    expect(dataOf(opened.client).length).toBeLessThan(8);
    for (let acknowledged = 0; acknowledged < CHUNKS;) {
      await untilTaken(opened.client, acknowledged + 1);
      acknowledged = dataOf(opened.client).length;
      acknowledge(opened, acknowledged);
    }
    acknowledge(other, 1);
    session.send('more');
    await untilTaken(other.client, 2);
  });
});

test('is not held when the client is cut in the middle of a message of which a part has passed', async (context) => {
  const proxy = { limits: { pingIntervalMs: Infinity, resumeBytes: 1_000 } };
  const bench = await startBench(context, { upstream: () => undefined, proxy });
  const { client, hello } = await ask(bench);
  const session = await bench.mock.waitForSession();
  session.send('down');
  client.send('up');
  await untilTaken(client, 1);
  client.sendFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(5_000), announcedBytes: 10_000 });
  client.endStream();
  expect(await session.closed).toMatchObject({ code: ABNORMAL_CLOSURE });
  expect(session.frames.map(({ payload }) => payload.toString())).toEqual(['up']);
  const back = await ask(bench, { vp: toSessionQuery({ id: hello.id, received: 1 }) });
  expect(back.hello.reset).toEqual({ cause: 'lost', received: 1, sent: 1 });
  expect(bench.logs.join()).not.toContain('session held');
});
