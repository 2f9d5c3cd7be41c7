import { beforeEach, describe, expect, it } from 'vitest';
import { ABNORMAL_CLOSURE } from '../contract/index.ts';
import {
  acksTo,
  dataTo,
  helloTo,
  isControl,
  limits,
  owner,
  ResumableRig,
} from '../../test/support/resumable-rig.ts';
import { ACK_BYTES, ACK_MS } from './resumable.ts';

const KEEPALIVE = { text: '{"type":"KeepAlive"}', everyMs: 8_000 };

let rig: ResumableRig;

beforeEach(() => {
  rig = new ResumableRig();
});

describe('the greeting', () => {
  it('is the first frame, with an id to come back with and what the client must know', () => {
    rig.start();
    expect(rig.client.sent).toHaveLength(1);
    expect(helloTo(rig.client)).toEqual({
      type: 'hello',
      version: 1,
      id: expect.stringMatching(/^[A-Za-z0-9_-]{16,64}$/) as unknown,
      received: 0,
      resumed: false,
      hold_ms: limits.holdMs,
      ack_ms: ACK_MS,
      ack_bytes: ACK_BYTES,
    });
    expect(rig.table.find(helloTo(rig.client).id, owner)).toBe(rig.resumable);
  });

  it('tells why an older session could not go on, once', () => {
    const reset = { cause: 'lost', received: 5, sent: 9 } as const;
    rig.start({ reset });
    expect(helloTo(rig.client)).toMatchObject({ resumed: false, reset });
    rig.lose();
    expect(helloTo(rig.comeBack(0))).not.toHaveProperty('reset');
  });
});

describe('an acknowledgement', () => {
  it('comes in time after something was taken, and says it once', () => {
    rig.start();
    rig.client.peerSends('one');
    rig.client.peerSends('two', 'binary');
    expect(acksTo(rig.client)).toEqual([]);
    rig.clock.advance(ACK_MS);
    expect(acksTo(rig.client)).toEqual([2]);
    rig.clock.advance(10 * ACK_MS);
    expect(acksTo(rig.client)).toEqual([2]);
  });

  it('does not wait for its time when much was taken', () => {
    rig.start();
    rig.client.peerSends(Buffer.alloc(ACK_BYTES - 1), 'binary');
    expect(acksTo(rig.client)).toEqual([]);
    rig.client.peerSends(Buffer.alloc(1), 'binary');
    expect(acksTo(rig.client)).toEqual([2]);
    rig.client.peerSends(Buffer.alloc(ACK_BYTES - 1), 'binary');
    expect(acksTo(rig.client)).toEqual([2]);
    rig.client.peerSends(Buffer.alloc(1), 'binary');
    expect(acksTo(rig.client)).toEqual([2, 4]);
  });

  it('waits behind the message that is under way to the rig.client, and tells what was taken by then', () => {
    rig.start();
    rig.client.peerSends('one');
    rig.upstream.isBetweenMessages = false;
    rig.clock.advance(ACK_MS);
    rig.client.peerSends(Buffer.alloc(ACK_BYTES), 'binary');
    expect(acksTo(rig.client)).toEqual([]);
    rig.upstream.isBetweenMessages = true;
    rig.upstream.peerReachesBoundary();
    expect(acksTo(rig.client)).toEqual([2]);
    expect(rig.upstream.wantsBoundary).toBe(false);
  });

  it('that waited for a client that was lost is not told to the next, whose hello says it', () => {
    rig.start();
    rig.client.peerSends('one');
    rig.upstream.isBetweenMessages = false;
    rig.clock.advance(ACK_MS);
    rig.lose();
    rig.upstream.isBetweenMessages = true;
    rig.upstream.peerReachesBoundary();
    const back = rig.comeBack(0);
    expect(helloTo(back)).toMatchObject({ received: 1 });
    expect(acksTo(back)).toEqual([]);
  });

  it('counts no control frame', () => {
    rig.start();
    rig.upstream.peerSends('a');
    rig.clientAcks(1);
    rig.client.peerSends(`\u0001{"type":"later"}`);
    rig.client.peerSends('data');
    rig.clock.advance(ACK_MS);
    expect(acksTo(rig.client)).toEqual([1]);
  });

  it('of the client lets go of what was kept for it', () => {
    rig.start();
    rig.upstream.peerSends('12345');
    rig.upstream.peerSends('6789');
    const kept = rig.pool.bytes;
    expect(kept).toBeGreaterThanOrEqual(9);
    rig.clientAcks(1);
    expect(rig.pool.bytes).toBeLessThan(kept);
    rig.clientAcks(2);
    expect(rig.pool.bytes).toBe(0);
    expect(rig.told).toEqual([]);
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
    rig.start();
    rig.upstream.peerSends('a');
    rig.upstream.peerSends('b');
    rig.clientAcks(1);
    rig.clientAcks(received);
    expect(rig.told).toEqual([expect.stringMatching(/^PolicyViolation: /)]);
  });

  it('that is said twice does no harm', () => {
    rig.start();
    rig.upstream.peerSends('a');
    rig.clientAcks(1);
    rig.clientAcks(1);
    expect(rig.told).toEqual([]);
  });
});

describe('a control frame', () => {
  it.each(['', '{', 'null', '[]', '{"received":1}', '{"type":5}'])(
    'that cannot be read breaks the rules (%j)',
    (content) => {
      rig.start();
      rig.client.peerSends(`\u0001${content}`);
      expect(rig.told).toEqual([expect.stringMatching(/^PolicyViolation: /)]);
      expect(rig.upstream.sent).toEqual([]);
    },
  );

  it.each(['{"type":"later"}', '{"type":"hello","id":"x"}', '{"type":""}'])(
    'of a type that is not known is ignored, and not passed (%j)',
    (content) => {
      rig.start();
      rig.client.peerSends(`\u0001${content}`);
      rig.client.peerSends('data');
      expect(rig.told).toEqual([]);
      expect(dataTo(rig.upstream)).toEqual(['data']);
      expect(rig.upstream.sent).toHaveLength(1);
    },
  );
});

describe('a session whose client is lost', () => {
  it('is held for its time, then given up', () => {
    rig.start();
    rig.lose();
    expect(rig.told).toEqual(['client closed', 'held']);
    rig.clock.advance(limits.holdMs - 1);
    expect(rig.told).toHaveLength(2);
    rig.clock.advance(1);
    expect(rig.told.at(-1)).toBe('given up');
    expect(rig.upstream.calls).not.toContain('terminate');
  });

  it('keeps its upstream awake while it is held, and no longer', () => {
    rig.start({ keepalive: KEEPALIVE });
    rig.clock.advance(3 * KEEPALIVE.everyMs);
    expect(dataTo(rig.upstream)).toEqual([]);
    rig.lose();
    rig.clock.advance(1_000);
    expect(dataTo(rig.upstream)).toEqual([KEEPALIVE.text]);
    rig.clock.advance(2 * KEEPALIVE.everyMs);
    expect(dataTo(rig.upstream)).toEqual([KEEPALIVE.text, KEEPALIVE.text, KEEPALIVE.text]);
    rig.comeBack(0);
    rig.clock.advance(5 * KEEPALIVE.everyMs);
    expect(dataTo(rig.upstream)).toHaveLength(3);
    expect(rig.told).not.toContain('given up');
  });

  it('is not held when half a message of the client has gone on', () => {
    rig.start();
    rig.client.isBetweenMessages = false;
    rig.client.openBytes = limits.windowBytes + 1;
    rig.client.peerSendsWire('x'.repeat(limits.windowBytes + 1));
    rig.client.peerEnds({ code: ABNORMAL_CLOSURE, reason: '' });
    expect(rig.resumable.hold()).toBe(false);
    expect(rig.told).not.toContain('held');
  });

  it('forgets half a message of the client that has not gone on', () => {
    rig.start();
    rig.client.isBetweenMessages = false;
    rig.client.openBytes = 4;
    rig.client.peerSendsWire('half');
    rig.lose();
    const back = rig.comeBack(0);
    back.peerSends('whole');
    expect(dataTo(rig.upstream)).toEqual(['whole']);
    expect(helloTo(back)).toMatchObject({ received: 0 });
  });
});

describe('a client that comes back', () => {
  it('is greeted, then sent what it has missed, and its counts go on', () => {
    rig.start();
    for (const text of ['a', 'b', 'c']) rig.upstream.peerSends(text);
    rig.client.peerSends('one');
    rig.lose();
    rig.upstream.peerSends('d', 'binary');
    const back = rig.comeBack(1);
    expect(helloTo(back)).toMatchObject({ resumed: true, received: 1 });
    expect(isControl(back.sent[0]?.payload ?? '')).toBe(true);
    expect(dataTo(back)).toEqual(['b', 'c', 'd']);
    expect(back.sent.map(({ kind }) => kind)).toEqual(['text', 'text', 'text', 'binary']);
    back.peerSends('two');
    rig.clock.advance(ACK_MS);
    expect(acksTo(back)).toEqual([2]);
    expect(dataTo(rig.upstream)).toEqual(['one', 'two']);
    expect(rig.resumable.counts).toEqual({ received: 2, sent: 4 });
    expect(rig.told).toEqual(['client closed', 'held', 'resumed', 'returning', 'returned']);
  });

  it.each([
    ['more than was sent', 3],
    ['less than it has acknowledged', 0],
  ])('with %s cannot go on', (_, received) => {
    rig.start();
    rig.upstream.peerSends('a');
    rig.upstream.peerSends('b');
    rig.clientAcks(1);
    expect(rig.resumable.canReturn(received)).toBe(false);
    expect(rig.resumable.canReturn(1)).toBe(true);
  });

  it('takes the session away from its older connection', () => {
    rig.start();
    rig.upstream.peerSends('a');
    const back = rig.comeBack(0);
    expect(rig.client.calls).toContain('terminate');
    expect(dataTo(back)).toEqual(['a']);
    rig.upstream.peerSends('b');
    expect(dataTo(rig.client)).toEqual(['a']);
    expect(dataTo(back)).toEqual(['a', 'b']);
    expect(rig.told).toEqual(['resumed', 'returning', 'returned']);
  });

  it('may be lost again and again', () => {
    rig.start();
    let leg = rig.client;
    for (let round = 1; round <= 5; round += 1) {
      leg.peerSends(`up ${round}`);
      rig.lose(leg);
      rig.upstream.peerSends(`down ${round}`);
      leg = rig.comeBack(round - 1);
      expect(helloTo(leg)).toMatchObject({ received: round, resumed: true });
      expect(dataTo(leg)).toEqual([`down ${round}`]);
    }
    expect(dataTo(rig.upstream)).toEqual([1, 2, 3, 4, 5].map((round) => `up ${round}`));
  });
});
