import { describe, expect, it } from 'vitest';
import type { DataKind } from '../leg/leg.ts';
import { KeptBytes } from './kept-bytes.ts';
import { Slabs } from './slabs.ts';

const slabs = new Slabs(8_192, 2);

/** What stands from a place on, as runs of text. */
function from(kept: KeptBytes, place: number): [string, DataKind][] {
  const runs: [string, DataKind][] = [];
  kept.from(place, (bytes, kind) => runs.push([bytes.toString(), kind]));
  return runs;
}

/** Bytes that tell their place: the stream counts 0 to 9 and begins anew. */
const digits = (start: number, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, at) => 0x30 + ((start + at) % 10)));

class CountedSlabs extends Slabs {
  taken = 0;

  override take(): Buffer {
    this.taken += 1;
    return super.take();
  }

  override giveBack(slab: Buffer): void {
    this.taken -= 1;
    super.giveBack(slab);
  }
}

describe('KeptBytes', () => {
  it('gives small pieces back as one', () => {
    const kept = new KeptBytes(slabs);
    for (let start = 0; start < 30; start += 3) expect(kept.append(digits(start, 3), start)).toBe(true);
    expect(from(kept, 0)).toEqual([['0123456789'.repeat(3), 'wire']]);
    expect(from(kept, 27)).toEqual([['789', 'wire']]);
    expect(from(kept, 30)).toEqual([]);
  });

  it.each([1, 7, 100, 8_191, 8_192, 8_193, 20_000])(
    'keeps every byte in its place in pieces of %d',
    (size) => {
      const kept = new KeptBytes(slabs);
      const all = digits(0, 60_000);
      for (let start = 0; start < all.length; start += size)
        kept.append(all.subarray(start, start + size), start);
      for (const place of [0, 1, 8_191, 8_192, 8_193, 59_999]) {
        const text = from(kept, place)
          .map(([run]) => run)
          .join('');
        expect(text).toBe(all.toString('latin1', place));
      }
    },
  );

  it('keeps whole runs apart, with room in their place', () => {
    const kept = new KeptBytes(slabs);
    kept.append(digits(0, 2), 0);
    kept.appendWhole(Buffer.from('text'), 'text', 2, 7);
    kept.appendWhole(Buffer.alloc(0), 'binary', 7, 8);
    kept.append(digits(8, 2), 8);
    expect(from(kept, 1)).toEqual([
      ['1', 'wire'],
      ['text', 'text'],
      ['', 'binary'],
      ['89', 'wire'],
    ]);
    expect(from(kept, 7)).toEqual([
      ['', 'binary'],
      ['89', 'wire'],
    ]);
  });

  it('keeps no slab for small pieces that stand between whole runs', () => {
    const own = new CountedSlabs(8_192, 64);
    const kept = new KeptBytes(own);
    for (let start = 0; start < 400; start += 20) {
      kept.append(digits(start, 10), start);
      kept.appendWhole(digits(start + 10, 10), 'text', start + 10, start + 20);
    }
    expect(own.taken).toBe(0);
    expect(from(kept, 0).map(([run]) => run)).toEqual(Array.from({ length: 40 }, () => '0123456789'));
    kept.dropBefore(400);
    expect([own.taken, from(kept, 0)]).toEqual([0, []]);
  });

  it('drops what ends before a place, and nothing that goes on behind it', () => {
    const kept = new KeptBytes(slabs);
    kept.appendWhole(Buffer.from('a'), 'text', 0, 2);
    kept.appendWhole(Buffer.from('b'), 'text', 2, 4);
    kept.dropBefore(1);
    expect(from(kept, 0)).toHaveLength(2);
    kept.dropBefore(3);
    expect(from(kept, 0)).toEqual([['b', 'text']]);
    kept.dropBefore(4);
    expect(from(kept, 0)).toEqual([]);
    kept.append(digits(4, 1), 4);
    expect(from(kept, 0)).toEqual([['4', 'wire']]);
  });

  it('uses its memory again, but not that which it has handed out', () => {
    const own = new Slabs(16, 2);
    const kept = new KeptBytes(own);
    kept.append(digits(0, 10), 0);
    let handed: Buffer = Buffer.alloc(0);
    kept.from(0, (bytes) => (handed = bytes));
    kept.dropBefore(10);
    kept.append(Buffer.alloc(10, 'x'), 10);
    expect(handed.toString()).toBe('0123456789');
    const again = own.take();
    own.giveBack(again);
    expect(own.take()).toBe(again);
  });
});
