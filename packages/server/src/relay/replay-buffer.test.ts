import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { DataKind } from '../leg/leg.ts';
import { ReplayBuffer, ReplayPool } from './replay-buffer.ts';

const POOL_BYTES = 1_000;

/** A buffer with a pool of its own; messages are words, and one that ends is told by its full stop. */
class Replaying {
  readonly pool: ReplayPool;
  readonly buffer: ReplayBuffer;

  constructor(maxBytes = 100, pool = new ReplayPool(POOL_BYTES)) {
    this.pool = pool;
    this.buffer = new ReplayBuffer(maxBytes, pool);
  }

  /** Bytes of frames, in which each full stop ends a message. */
  take(text: string): this {
    for (const [at, letter] of [...text].entries()) if (letter === '.') this.buffer.endMessage(at + 1);
    this.buffer.take(Buffer.from(text));
    return this;
  }

  again(count: number): [string, DataKind][] {
    const sent: [string, DataKind][] = [];
    this.buffer.replay(count, (bytes, kind) => sent.push([bytes.toString(), kind]));
    return sent;
  }

  /** What is sent again, as one text. */
  text(count: number): string {
    return this.again(count)
      .map(([text]) => text)
      .join('');
  }
}

describe('ReplayBuffer', () => {
  it('sends again what stands behind a count of messages, half a message included', () => {
    const replaying = new Replaying().take('a.bb.').take('cc').take('c.dd');
    expect(replaying.buffer.sent).toBe(3);
    const texts = [0, 1, 2, 3].map((count) => replaying.text(count));
    expect(texts).toEqual(['a.bb.ccc.dd', 'bb.ccc.dd', 'ccc.dd', 'dd']);
    expect(replaying.again(1)).toEqual([['bb.ccc.dd', 'wire']]);
  });

  it('copies what is small, so that its memory may be written over, and keeps what is large', () => {
    const { buffer } = new Replaying(100_000);
    const [small, large] = [Buffer.from('small.'), Buffer.alloc(50_000, 'l')];
    expect([buffer.take(small), buffer.take(large)]).toEqual([true, false]);
    small.fill('x');
    const seen: Buffer[] = [];
    buffer.replay(0, (bytes) => seen.push(bytes));
    expect(seen[0]?.toString()).toBe('small.');
    expect(seen[1]?.buffer).toBe(large.buffer);
  });

  it('sends whole messages again as what they were, also empty ones', () => {
    const replaying = new Replaying();
    replaying.buffer.takeMessage(Buffer.from('text'), 'text');
    replaying.buffer.takeMessage(Buffer.alloc(0), 'binary');
    replaying.buffer.takeMessage(Buffer.from('more'), 'text');
    expect([replaying.buffer.sent, replaying.buffer.heldBytes]).toEqual([3, 11]);
    expect(replaying.again(0)).toEqual([
      ['text', 'text'],
      ['', 'binary'],
      ['more', 'text'],
    ]);
    expect(replaying.again(1)).toHaveLength(2);
    expect(replaying.again(2)).toEqual([['more', 'text']]);
    expect(replaying.again(3)).toEqual([]);
  });

  it('sends texts of our own again in their place among bytes of frames', () => {
    const replaying = new Replaying().take('a.');
    replaying.buffer.takeMessage(Buffer.from('ours'), 'text');
    replaying.take('b.c');
    expect(replaying.again(1)).toEqual([
      ['ours', 'text'],
      ['b.c', 'wire'],
    ]);
    expect(replaying.text(2)).toBe('b.c');
    expect(replaying.text(3)).toBe('c');
  });

  it('lets go of what is acknowledged, to the byte', () => {
    const replaying = new Replaying().take('a.b').take('b.');
    const heldAfter = (count: number): unknown[] => [
      replaying.buffer.acknowledge(count),
      replaying.buffer.heldBytes,
      replaying.pool.bytes,
    ];
    expect(heldAfter(0)).toEqual([true, 5, 5]);
    expect(heldAfter(1)).toEqual([true, 3, 3]);
    expect(heldAfter(2)).toEqual([true, 0, 0]);
    expect(heldAfter(2)).toEqual([true, 0, 0]);
  });

  it.each([-1, 1, 4, 2.5, Number.NaN, Infinity, -0.5])('refuses an acknowledgement of %d', (count) => {
    const replaying = new Replaying().take('a.b.c.d');
    replaying.buffer.acknowledge(2);
    expect(replaying.buffer.acknowledge(count)).toBe(false);
    expect([replaying.buffer.acknowledged, replaying.text(2)]).toEqual([2, 'c.d']);
  });

  it('can send again what is neither acknowledged nor still to come', () => {
    const { buffer } = new Replaying().take('a.b.c.d');
    buffer.acknowledge(1);
    expect([-1, 0, 1, 2, 3, 4, Number.NaN].filter((count) => buffer.canReplay(count))).toEqual([1, 2, 3]);
  });

  it('is full at its limit and not below it', () => {
    const replaying = new Replaying(4).take('abc');
    expect(replaying.buffer.isFull).toBe(false);
    expect(replaying.take('.').buffer.isFull).toBe(true);
    replaying.buffer.acknowledge(1);
    expect(replaying.buffer.isFull).toBe(false);
  });

  it('is full when the pool is, unless it holds nothing', () => {
    const pool = new ReplayPool(4);
    const [one, other] = [new Replaying(100, pool), new Replaying(100, pool)];
    one.take('abc');
    expect([pool.isFull, one.buffer.isFull]).toEqual([false, false]);
    one.take('.');
    expect([pool.isFull, one.buffer.isFull, other.buffer.isFull]).toEqual([true, true, false]);
    other.take('x');
    expect(other.buffer.isFull).toBe(true);
    one.buffer.clear();
    expect([pool.bytes, other.buffer.isFull]).toEqual([1, false]);
  });

  it('holds nothing when its limit is nothing, and is not full for that', () => {
    expect(new Replaying(0).buffer.isFull).toBe(false);
    expect(new Replaying(0).take('a').buffer.isFull).toBe(true);
  });

  it('gives what it held back to the pool when it is cleared, once', () => {
    const replaying = new Replaying().take('a.b');
    replaying.buffer.clear();
    replaying.buffer.clear();
    expect([replaying.pool.bytes, replaying.buffer.heldBytes, replaying.text(0)]).toEqual([0, 0, '']);
  });
});

describe('ReplayBuffer giving up', () => {
  it('holds nothing of a message that it gave up in its middle, and all behind it', () => {
    const replaying = new Replaying().take('a.long');
    replaying.buffer.giveUp();
    expect([replaying.pool.bytes, replaying.buffer.isFull]).toEqual([0, false]);
    replaying.take('er').take('still.b.').take('c');
    expect([replaying.buffer.sent, replaying.buffer.heldBytes]).toEqual([3, 3]);
    expect([0, 1, 2, 3].filter((count) => replaying.buffer.canReplay(count))).toEqual([2, 3]);
    expect([replaying.text(2), replaying.text(3)]).toEqual(['b.c', 'c']);
  });

  it('loses no message that comes when it gave up between messages', () => {
    const replaying = new Replaying().take('a.b.');
    replaying.buffer.giveUp();
    expect([1, 2].map((count) => replaying.buffer.canReplay(count))).toEqual([false, true]);
    replaying.take('c.d');
    expect([replaying.text(2), replaying.buffer.heldBytes]).toEqual(['c.d', 3]);
  });

  it('can send everything again when it gave up before the first byte', () => {
    const replaying = new Replaying();
    replaying.buffer.giveUp();
    expect(replaying.buffer.canReplay(0)).toBe(true);
    expect(replaying.take('a.').text(0)).toBe('a.');
  });

  it('cannot send again while the message that was given up has not ended', () => {
    const replaying = new Replaying().take('a.lo');
    replaying.buffer.giveUp();
    expect(replaying.take('ng').buffer.canReplay(1)).toBe(false);
    expect(replaying.take('.').buffer.canReplay(2)).toBe(true);
    expect(replaying.text(2)).toBe('');
  });

  it('counts what was given up as sent, so that it can be acknowledged', () => {
    const replaying = new Replaying().take('a.lo');
    replaying.buffer.giveUp();
    replaying.take('ng.b.');
    expect([replaying.buffer.acknowledge(2), replaying.text(2)]).toEqual([true, 'b.']);
    expect([replaying.buffer.acknowledge(3), replaying.pool.bytes]).toEqual([true, 0]);
  });

  it('gives up again, in the same message and in a later one', () => {
    const replaying = new Replaying().take('lo');
    replaying.buffer.giveUp();
    replaying.take('n').buffer.giveUp();
    replaying.take('g.b.c');
    replaying.buffer.giveUp();
    replaying.take('c.d');
    expect([replaying.buffer.sent, replaying.text(3), replaying.pool.bytes]).toEqual([3, 'd', 1]);
    expect([2, 3].map((count) => replaying.buffer.canReplay(count))).toEqual([false, true]);
  });
});
