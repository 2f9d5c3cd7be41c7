import { describe, expect, it } from 'vitest';
import { Slabs } from './slabs.ts';

describe('Slabs', () => {
  it('gives memory of its size, and the same again once it is given back', () => {
    const slabs = new Slabs(100, 1);
    const [one, other] = [slabs.take(), slabs.take()];
    expect([one.length, other.length, one === other]).toEqual([100, 100, false]);
    slabs.giveBack(one);
    slabs.giveBack(other);
    expect(slabs.take()).toBe(one);
    expect([one, other]).not.toContain(slabs.take());
  });
});
