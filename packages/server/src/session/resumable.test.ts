import { beforeEach, describe, expect, it } from 'vitest';
import { readControlFrame, toControlFrame, type HelloFrame } from '../contract/index.ts';
import { MemoryLeg } from '../leg/memory-leg.ts';
import { Relay } from '../relay/relay.ts';
import { ReplayPool } from '../relay/replay-buffer.ts';
import { createTestClock, type TestClock } from '../../test/support/test-clock.ts';
import { ACK_BYTES, ACK_MS, Resumable, type ResumablePlan } from './resumable.ts';
import { ResumeTable } from './resume-table.ts';

const owner = { principal: 'alice', path: '/proxy' };
const limits = { holdMs: 30_000, windowBytes: 1_000 };
const KEEPALIVE = { text: '{"type":"KeepAlive"}', everyMs: 8_000 };
const gone = { code: 1006, reason: '' };

let clock: TestClock;
let table: ResumeTable;
let pool: ReplayPool;
let client: MemoryLeg;
let upstream: MemoryLeg;
let relay: Relay;
let resumable: Resumable;
/** What the session and the log are told. */
let told: string[];

function start(more: Partial<ResumablePlan> = {}): void {
  relay = new Relay(
    { client, upstream },
    {
      onClose: (side) => told.push(`${side} closed`),
      onGone: () => undefined,
      onStall: (side, isStalled) => told.push(`${side} ${isStalled ? 'stalls' : 'reads'}`),
      onControl: (text) => resumable.onControl(text),
      onOwed: () => resumable.acknowledge(),
      onJudged: () => undefined,
    },
    { resumable: { windowBytes: limits.windowBytes, pool, ackBytes: ACK_BYTES } },
  );
  const note = (what: string) => () => void told.push(what);
  const plan = { owner, limits, table, pool, keepalive: undefined, reset: undefined };
  resumable = new Resumable(
    clock,
    { ...plan, onHeld: note('held'), onResumed: note('resumed'), ...more },
    relay,
    {
      onReturning: note('returning'),
      onReturned: note('returned'),
      onGivenUp: note('given up'),
      onBreach: (name, why) => told.push(`${name}: ${why}`),
    },
  );
  client.send(resumable.greeting(false));
  relay.start();
}

beforeEach(() => {
  clock = createTestClock();
  table = new ResumeTable(clock);
  pool = new ReplayPool(10_000);
  [client, upstream] = [new MemoryLeg(), new MemoryLeg()];
  told = [];
});

const isControl = (payload: Buffer | string): boolean => payload.toString().startsWith('\u0001');
const dataTo = (leg: MemoryLeg): string[] =>
  leg.sent.filter(({ payload }) => !isControl(payload)).map(({ payload }) => payload.toString());
const controlsTo = (leg: MemoryLeg): { type: string; [field: string]: unknown }[] =>
  leg.sent
    .filter(({ payload }) => isControl(payload))
    .map(({ payload }) => readControlFrame(payload.toString()) ?? { type: 'unreadable' });
const helloTo = (leg: MemoryLeg): HelloFrame => controlsTo(leg)[0] as unknown as HelloFrame;
const acksTo = (leg: MemoryLeg): unknown[] =>
  controlsTo(leg)
    .filter(({ type }) => type === 'ack')
    .map(({ received }) => received);
const clientAcks = (received: unknown, leg = client): void =>
  leg.peerSends(toControlFrame({ type: 'ack', received: received as number }));

/** The client's connection is lost, and the session is held. */
function lose(leg = client): void {
  leg.peerEnds(gone);
  expect(resumable.hold()).toBe(true);
}

/** The client comes back on a new leg with this count. */
function comeBack(received: number): MemoryLeg {
  const leg = new MemoryLeg();
  expect(resumable.canReturn(received)).toBe(true);
  resumable.comeBack(leg, received);
  return leg;
}

describe('the greeting', () => {
  it('is the first frame, with an id to come back with and what the client must know', () => {
    start();
    expect(client.sent).toHaveLength(1);
    expect(helloTo(client)).toEqual({
      type: 'hello',
      version: 1,
      id: expect.stringMatching(/^[A-Za-z0-9_-]{16,64}$/) as unknown,
      received: 0,
      resumed: false,
      hold_ms: limits.holdMs,
      ack_ms: ACK_MS,
      ack_bytes: ACK_BYTES,
    });
    expect(table.find(helloTo(client).id, owner)).toBe(resumable);
  });

  it('tells why an older session could not go on, once', () => {
    const reset = { cause: 'lost', received: 5, sent: 9 } as const;
    start({ reset });
    expect(helloTo(client)).toMatchObject({ resumed: false, reset });
    lose();
    expect(helloTo(comeBack(0))).not.toHaveProperty('reset');
  });
});

describe('an acknowledgement', () => {
  it('comes in time after something was taken, and says it once', () => {
    start();
    client.peerSends('one');
    client.peerSends('two', 'binary');
    expect(acksTo(client)).toEqual([]);
    clock.advance(ACK_MS);
    expect(acksTo(client)).toEqual([2]);
    clock.advance(10 * ACK_MS);
    expect(acksTo(client)).toEqual([2]);
  });

  it('does not wait for its time when much was taken', () => {
    start();
    client.peerSends(Buffer.alloc(ACK_BYTES - 1), 'binary');
    expect(acksTo(client)).toEqual([]);
    client.peerSends(Buffer.alloc(1), 'binary');
    expect(acksTo(client)).toEqual([2]);
    client.peerSends(Buffer.alloc(ACK_BYTES - 1), 'binary');
    expect(acksTo(client)).toEqual([2]);
    client.peerSends(Buffer.alloc(1), 'binary');
    expect(acksTo(client)).toEqual([2, 4]);
  });

  it('waits behind the message that is under way to the client, and tells what was taken by then', () => {
    start();
    client.peerSends('one');
    upstream.isBetweenMessages = false;
    clock.advance(ACK_MS);
    client.peerSends(Buffer.alloc(ACK_BYTES), 'binary');
    expect(acksTo(client)).toEqual([]);
    upstream.isBetweenMessages = true;
    upstream.peerReachesBoundary();
    expect(acksTo(client)).toEqual([2]);
    expect(upstream.wantsBoundary).toBe(false);
  });

  it('that waited for a client that was lost is not told to the next, whose hello says it', () => {
    start();
    client.peerSends('one');
    upstream.isBetweenMessages = false;
    clock.advance(ACK_MS);
    lose();
    upstream.isBetweenMessages = true;
    upstream.peerReachesBoundary();
    const back = comeBack(0);
    expect(helloTo(back)).toMatchObject({ received: 1 });
    expect(acksTo(back)).toEqual([]);
  });

  it('counts no control frame', () => {
    start();
    upstream.peerSends('a');
    clientAcks(1);
    client.peerSends(`\u0001{"type":"later"}`);
    client.peerSends('data');
    clock.advance(ACK_MS);
    expect(acksTo(client)).toEqual([1]);
  });

  it('of the client lets go of what was kept for it', () => {
    start();
    upstream.peerSends('12345');
    upstream.peerSends('6789');
    const kept = pool.bytes;
    expect(kept).toBeGreaterThanOrEqual(9);
    clientAcks(1);
    expect(pool.bytes).toBeLessThan(kept);
    clientAcks(2);
    expect(pool.bytes).toBe(0);
    expect(told).toEqual([]);
  });

  it.each([
    ['more than was sent', 3],
    ['less than before', 0],
    ['half a message', 1.5],
    ['less than nothing', -1],
    ['NaN', 'many'],
    ['nothing', undefined],
    ['null', null],
    ['a count as text', '2'],
    ['a list', [2]],
    ['a flag', true],
  ])('of %s breaks the rules', (_, received) => {
    start();
    upstream.peerSends('a');
    upstream.peerSends('b');
    clientAcks(1);
    clientAcks(received);
    expect(told).toEqual([expect.stringMatching(/^PolicyViolation: /)]);
  });

  it('that is said twice does no harm', () => {
    start();
    upstream.peerSends('a');
    clientAcks(1);
    clientAcks(1);
    expect(told).toEqual([]);
  });
});

describe('a control frame', () => {
  it.each(['', '{', 'null', '[]', '{"received":1}', '{"type":5}'])(
    'that cannot be read breaks the rules (%j)',
    (content) => {
      start();
      client.peerSends(`\u0001${content}`);
      expect(told).toEqual([expect.stringMatching(/^PolicyViolation: /)]);
      expect(upstream.sent).toEqual([]);
    },
  );

  it.each(['{"type":"later"}', '{"type":"hello","id":"x"}', '{"type":""}'])(
    'of a type that is not known is ignored, and not passed (%j)',
    (content) => {
      start();
      client.peerSends(`\u0001${content}`);
      client.peerSends('data');
      expect(told).toEqual([]);
      expect(dataTo(upstream)).toEqual(['data']);
      expect(upstream.sent).toHaveLength(1);
    },
  );
});

describe('a session whose client is lost', () => {
  it('is held for its time, then given up', () => {
    start();
    lose();
    expect(told).toEqual(['client closed', 'held']);
    clock.advance(limits.holdMs - 1);
    expect(told).toHaveLength(2);
    clock.advance(1);
    expect(told.at(-1)).toBe('given up');
    expect(upstream.calls).not.toContain('terminate');
  });

  it('keeps its upstream awake while it is held, and no longer', () => {
    start({ keepalive: KEEPALIVE });
    clock.advance(3 * KEEPALIVE.everyMs);
    expect(dataTo(upstream)).toEqual([]);
    lose();
    clock.advance(1_000);
    expect(dataTo(upstream)).toEqual([KEEPALIVE.text]);
    clock.advance(2 * KEEPALIVE.everyMs);
    expect(dataTo(upstream)).toEqual([KEEPALIVE.text, KEEPALIVE.text, KEEPALIVE.text]);
    comeBack(0);
    clock.advance(5 * KEEPALIVE.everyMs);
    expect(dataTo(upstream)).toHaveLength(3);
    expect(told).not.toContain('given up');
  });

  it('is not held when half a message of the client has gone on', () => {
    start();
    client.isBetweenMessages = false;
    client.openBytes = limits.windowBytes + 1;
    client.peerSendsWire('x'.repeat(limits.windowBytes + 1));
    client.peerEnds(gone);
    expect(resumable.hold()).toBe(false);
    expect(told).not.toContain('held');
  });

  it('forgets half a message of the client that has not gone on', () => {
    start();
    client.isBetweenMessages = false;
    client.openBytes = 4;
    client.peerSendsWire('half');
    lose();
    const back = comeBack(0);
    back.peerSends('whole');
    expect(dataTo(upstream)).toEqual(['whole']);
    expect(helloTo(back)).toMatchObject({ received: 0 });
  });
});

describe('a client that comes back', () => {
  it('is greeted, then sent what it has missed, and its counts go on', () => {
    start();
    for (const text of ['a', 'b', 'c']) upstream.peerSends(text);
    client.peerSends('one');
    lose();
    upstream.peerSends('d', 'binary');
    const back = comeBack(1);
    expect(helloTo(back)).toMatchObject({ resumed: true, received: 1 });
    expect(isControl(back.sent[0]?.payload ?? '')).toBe(true);
    expect(dataTo(back)).toEqual(['b', 'c', 'd']);
    expect(back.sent.map(({ kind }) => kind)).toEqual(['text', 'text', 'text', 'binary']);
    back.peerSends('two');
    clock.advance(ACK_MS);
    expect(acksTo(back)).toEqual([2]);
    expect(dataTo(upstream)).toEqual(['one', 'two']);
    expect(resumable.counts).toEqual({ received: 2, sent: 4 });
    expect(told).toEqual(['client closed', 'held', 'resumed', 'returning', 'returned']);
  });

  it.each([
    ['more than was sent', 3],
    ['less than it has acknowledged', 0],
  ])('with %s cannot go on', (_, received) => {
    start();
    upstream.peerSends('a');
    upstream.peerSends('b');
    clientAcks(1);
    expect(resumable.canReturn(received)).toBe(false);
    expect(resumable.canReturn(1)).toBe(true);
  });

  it('takes the session away from its older connection', () => {
    start();
    upstream.peerSends('a');
    const back = comeBack(0);
    expect(client.calls).toContain('terminate');
    expect(dataTo(back)).toEqual(['a']);
    upstream.peerSends('b');
    expect(dataTo(client)).toEqual(['a']);
    expect(dataTo(back)).toEqual(['a', 'b']);
    expect(told).toEqual(['resumed', 'returning', 'returned']);
  });

  it('may be lost again and again', () => {
    start();
    let leg = client;
    for (let round = 1; round <= 5; round += 1) {
      leg.peerSends(`up ${round}`);
      lose(leg);
      upstream.peerSends(`down ${round}`);
      leg = comeBack(round - 1);
      expect(helloTo(leg)).toMatchObject({ received: round, resumed: true });
      expect(dataTo(leg)).toEqual([`down ${round}`]);
    }
    expect(dataTo(upstream)).toEqual([1, 2, 3, 4, 5].map((round) => `up ${round}`));
  });
});

describe('an id', () => {
  it('stays good beside the new one until the client has sent something', () => {
    start();
    const first = helloTo(client).id;
    lose();
    const back = comeBack(0);
    const second = helloTo(back).id;
    expect(second).not.toBe(first);
    clock.advance(10 * ACK_MS);
    for (const id of [first, second]) expect(table.find(id, owner)).toBe(resumable);
    back.peerSends('here I am');
    expect(table.find(first, owner)).toBeUndefined();
    expect(table.find(second, owner)).toBe(resumable);
  });

  it('is replaced also when all that the client has sent is an acknowledgement', () => {
    start();
    const first = helloTo(client).id;
    upstream.peerSends('a');
    lose();
    const back = comeBack(0);
    clientAcks(1, back);
    expect(table.find(first, owner)).toBeUndefined();
  });

  it('is not replaced by what the client sent on its older connection', () => {
    start();
    const first = helloTo(client).id;
    client.peerSends('before');
    clock.advance(ACK_MS);
    lose();
    comeBack(0);
    clock.advance(ACK_MS);
    expect(table.find(first, owner)).toBe(resumable);
  });
});

describe('stop', () => {
  it('leaves no timer, no id and nothing kept, and the counts stay', () => {
    start({ keepalive: KEEPALIVE });
    upstream.peerSends('a');
    client.peerSends('one');
    lose();
    resumable.stop(false);
    resumable.stop(true);
    expect([clock.pending(), table.size, pool.bytes]).toEqual([0, 0, 0]);
    expect(resumable.counts).toEqual({ received: 1, sent: 1 });
    expect(resumable.canReturn(1)).toBe(false);
  });

  it('of a lost session keeps its counts for a client that asks within the time of a hold', () => {
    start();
    const { id } = helloTo(client);
    upstream.peerSends('a');
    lose();
    resumable.stop(true);
    clock.advance(limits.holdMs - 1);
    expect(table.find(id, owner)?.canReturn(0)).toBe(false);
    expect(table.find(id, owner)?.refuse(id, 0)).toEqual({ cause: 'lost', received: 0, sent: 1 });
    clock.advance(1);
    expect([table.size, clock.pending()]).toEqual([0, 0]);
  });
});

describe('a client that cannot go on', () => {
  /** More than can be kept has passed, so that nobody can go on from before it. */
  function losePart(): void {
    upstream.peerSendsWire('x'.repeat(limits.windowBytes));
    expect(resumable.canReturn(0)).toBe(false);
  }

  it('is told what is lost, and ends the session', () => {
    start();
    losePart();
    client.peerSends('one');
    expect(resumable.refuse(helloTo(client).id, 0)).toEqual({ cause: 'lost', received: 1, sent: 0 });
    expect(told).toEqual(['given up']);
    expect(table.size).toBe(0);
  });

  it('ends no session that its newer connection has, whose hello may be on its way', () => {
    start();
    const { id } = helloTo(client);
    comeBack(0);
    losePart();
    expect(resumable.refuse(id, 0)).toEqual({ cause: 'lost', received: 0, sent: 0 });
    expect(told).not.toContain('given up');
    expect(table.find(id, owner)).toBe(resumable);
  });

  it('ends a session that is held, also by an older id', () => {
    start();
    const { id } = helloTo(client);
    const back = comeBack(0);
    losePart();
    lose(back);
    expect(resumable.refuse(id, 0)).toMatchObject({ cause: 'lost' });
    expect(told).toContain('given up');
  });

  it.each([
    ['more than was sent', 3],
    ['less than was acknowledged', 0],
  ])('because it says %s takes nothing from one that is connected', (_, received) => {
    start();
    upstream.peerSends('a');
    upstream.peerSends('b');
    clientAcks(1);
    const { id } = helloTo(client);
    expect(resumable.refuse(id, received)).toEqual({ cause: 'unknown' });
    expect(told).toEqual([]);
    expect(table.find(id, owner)).toBe(resumable);
    lose();
    expect(resumable.refuse(id, received)).toEqual({ cause: 'lost', received: 0, sent: 2 });
    expect(told.at(-1)).toBe('given up');
  });
});
