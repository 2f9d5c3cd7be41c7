import { beforeEach, describe, expect, it } from 'vitest';
import { helloTo, limits, owner, ResumableRig } from '../../test/support/resumable-rig.ts';
import { ACK_MS } from './resumable.ts';

let rig: ResumableRig;

beforeEach(() => {
  rig = new ResumableRig();
});

describe('an id', () => {
  it('stays good beside the new one until the client has sent something', () => {
    rig.start();
    const first = helloTo(rig.client).id;
    rig.lose();
    const back = rig.comeBack(0);
    const second = helloTo(back).id;
    expect(second).not.toBe(first);
    rig.clock.advance(10 * ACK_MS);
    for (const id of [first, second]) expect(rig.table.find(id, owner)).toBe(rig.resumable);
    back.peerSends('here I am');
    expect(rig.table.find(first, owner)).toBeUndefined();
    expect(rig.table.find(second, owner)).toBe(rig.resumable);
  });

  it('is replaced by the eighth behind it, also when the client shows no sign of having it', () => {
    rig.start();
    const ids = [helloTo(rig.client).id];
    for (let times = 0; times < 20; times += 1) ids.push(helloTo(rig.comeBack(0)).id);
    expect(rig.table.size).toBe(8);
    for (const id of ids.slice(-8)) expect(rig.table.find(id, owner)).toBe(rig.resumable);
    expect(rig.table.find(ids.at(-9) as string, owner)).toBeUndefined();
  });

  it('is replaced also when all that the client has sent is an acknowledgement', () => {
    rig.start();
    const first = helloTo(rig.client).id;
    rig.upstream.peerSends('a');
    rig.lose();
    const back = rig.comeBack(0);
    rig.clientAcks(1, back);
    expect(rig.table.find(first, owner)).toBeUndefined();
  });

  it('is not replaced by what the client sent on its older connection', () => {
    rig.start();
    const first = helloTo(rig.client).id;
    rig.client.peerSends('before');
    rig.clock.advance(ACK_MS);
    rig.lose();
    rig.comeBack(0);
    rig.clock.advance(ACK_MS);
    expect(rig.table.find(first, owner)).toBe(rig.resumable);
  });
});

describe('stop', () => {
  it('leaves no timer, no id and nothing kept, and the counts stay', () => {
    rig.start({ keepalive: { text: 'awake', everyMs: 8_000 } });
    rig.upstream.peerSends('a');
    rig.client.peerSends('one');
    rig.lose();
    rig.resumable.stop(false);
    rig.resumable.stop(true);
    expect([rig.clock.pending(), rig.table.size, rig.pool.bytes]).toEqual([0, 0, 0]);
    expect(rig.resumable.counts).toEqual({ received: 1, sent: 1 });
    expect(rig.resumable.canReturn(1)).toBe(false);
  });

  it('of a lost session keeps its counts for a client that asks within the time of a hold', () => {
    rig.start();
    const { id } = helloTo(rig.client);
    rig.upstream.peerSends('a');
    rig.lose();
    rig.resumable.stop(true);
    rig.clock.advance(limits.holdMs - 1);
    expect(rig.table.find(id, owner)?.canReturn(0)).toBe(false);
    expect(rig.table.find(id, owner)?.refuse(id, 0)).toEqual({ cause: 'lost', received: 0, sent: 1 });
    rig.clock.advance(1);
    expect([rig.table.size, rig.clock.pending()]).toEqual([0, 0]);
  });
});

describe('a client that cannot go on', () => {
  /** More than can be kept has passed, so that nobody can go on from before it. */
  function losePart(): void {
    rig.upstream.peerSendsWire('x'.repeat(limits.windowBytes));
    expect(rig.resumable.canReturn(0)).toBe(false);
  }

  it('is told what is lost, and ends the session', () => {
    rig.start();
    losePart();
    rig.client.peerSends('one');
    expect(rig.resumable.refuse(helloTo(rig.client).id, 0)).toEqual({ cause: 'lost', received: 1, sent: 0 });
    expect(rig.told).toEqual(['given up']);
    expect(rig.table.size).toBe(0);
  });

  it('ends no session that its newer connection has, whose hello may be on its way', () => {
    rig.start();
    const { id } = helloTo(rig.client);
    rig.comeBack(0);
    losePart();
    expect(rig.resumable.refuse(id, 0)).toEqual({ cause: 'lost', received: 0, sent: 0 });
    expect(rig.told).not.toContain('given up');
    expect(rig.table.find(id, owner)).toBe(rig.resumable);
  });

  it('ends a session that is held, also by an older id', () => {
    rig.start();
    const { id } = helloTo(rig.client);
    const back = rig.comeBack(0);
    losePart();
    rig.lose(back);
    expect(rig.resumable.refuse(id, 0)).toMatchObject({ cause: 'lost' });
    expect(rig.told).toContain('given up');
  });

  it.each([
    ['more than was sent', 3],
    ['less than was acknowledged', 0],
  ])('because it says %s takes nothing from one that is connected', (_, received) => {
    rig.start();
    rig.upstream.peerSends('a');
    rig.upstream.peerSends('b');
    rig.clientAcks(1);
    const { id } = helloTo(rig.client);
    expect(rig.resumable.refuse(id, received)).toEqual({ cause: 'unknown' });
    expect(rig.told).toEqual([]);
    expect(rig.table.find(id, owner)).toBe(rig.resumable);
    rig.lose();
    expect(rig.resumable.refuse(id, received)).toEqual({ cause: 'lost', received: 0, sent: 2 });
    expect(rig.told.at(-1)).toBe('given up');
  });
});
