import { describe, expect, it } from 'vitest';
import { createMaskKeys } from './mask-keys.ts';

describe('createMaskKeys', () => {
  it('gives out keys of four bytes, and never the same memory twice', () => {
    const nextKey = createMaskKeys();
    const keys = Array.from({ length: 5_000 }, () => nextKey());
    const places = new Map<ArrayBufferLike, Set<number>>();
    for (const key of keys) {
      expect(key).toHaveLength(4);
      const taken = places.get(key.buffer) ?? new Set();
      for (let at = 0; at < 4; at += 1) taken.add(key.byteOffset + at);
      places.set(key.buffer, taken);
    }
    const bytes = [...places.values()].reduce((sum, taken) => sum + taken.size, 0);
    expect(bytes).toBe(20_000);
  });

  it('gives out keys that differ, within one pool and from one pool to the next', () => {
    const nextKey = createMaskKeys();
    const keys = Array.from({ length: 5_000 }, () => nextKey().readUInt32BE());
    // Of 5000 fair draws among 2^32, four pairs that are equal come once in 10^13 runs.
    expect(new Set(keys).size).toBeGreaterThan(4_996);
    expect(keys.filter((key) => key === 0).length).toBeLessThan(3);
  });

  it('leaves a key alone that it has given out', () => {
    const nextKey = createMaskKeys();
    const first = nextKey();
    const before = Buffer.from(first);
    for (let drawn = 0; drawn < 5_000; drawn += 1) nextKey();
    expect(first).toEqual(before);
  });

  it('draws for each connection apart', () => {
    const [one, other] = [createMaskKeys(), createMaskKeys()];
    const drawn = Array.from({ length: 8 }, () => [one().toString('hex'), other().toString('hex')]);
    expect(drawn.map(([key]) => key)).not.toEqual(drawn.map(([, key]) => key));
  });
});
