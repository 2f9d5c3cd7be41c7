import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GatheredBytes } from './gathered-bytes.ts';

it('gives back what was added, in order, whatever the pieces were', () => {
  const piece = fc.oneof(fc.nat(20), fc.nat(10_000)).map((length) => Buffer.alloc(length, length));
  fc.assert(
    fc.property(fc.array(fc.array(piece)), (rounds) => {
      const gathered = new GatheredBytes();
      for (const pieces of rounds) {
        for (const one of pieces) gathered.add(one);
        const whole = Buffer.concat(pieces);
        expect(gathered.length).toBe(whole.length);
        expect(Buffer.concat(gathered.take()).equals(whole)).toBe(true);
        expect([gathered.length, gathered.take()]).toEqual([0, []]);
      }
    }),
  );
});

it('copies small pieces into few, and keeps long ones as they are', () => {
  const gathered = new GatheredBytes();
  const byte = Buffer.from('x');
  for (let at = 0; at < 10_000; at += 1) expect(gathered.add(byte)).toBe(true);
  byte.fill('y');
  const long = Buffer.alloc(4_096);
  expect(gathered.add(long)).toBe(false);
  const pieces = gathered.take();
  expect(pieces.map(({ length }) => length)).toEqual([4_096, 4_096, 1_808, 4_096]);
  expect(pieces.at(-1)).toBe(long);
  expect(Buffer.concat(pieces).subarray(0, 10_000).toString()).toBe('x'.repeat(10_000));
});

it('lets nobody write into what was given back', () => {
  const gathered = new GatheredBytes();
  gathered.add(Buffer.from('ab'));
  const [first] = gathered.take();
  gathered.add(Buffer.from('cd'));
  expect(first?.toString()).toBe('ab');
});
