/** Order, kinds, copies and budget of held frames. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outbox, type Frame } from './outbox.ts';

const roomy = { maxBytes: 1_000, maxFrames: 100 };

function flushed(outbox: Outbox): unknown[] {
  const sent: unknown[] = [];
  outbox.flush((frame) => sent.push(typeof frame === 'string' ? frame : [...new Uint8Array(frame)]));
  return sent;
}

test('gives frames back in order and of their kind', () => {
  const outbox = new Outbox(roomy);
  const frames: Frame[] = ['a', new Uint8Array([1, 2]).buffer, new Uint8Array([3]), 'b'];
  expect(frames.every((frame) => outbox.add(frame))).toBe(true);
  expect(flushed(outbox)).toEqual(['a', [1, 2], [3], 'b']);
  expect(flushed(outbox)).toEqual([]);
});

test('keeps what a frame was when it was added', () => {
  const outbox = new Outbox(roomy);
  const buffer = new Uint8Array([0, 1, 2, 3]);
  outbox.add(buffer.subarray(1, 3));
  outbox.add(buffer.buffer);
  buffer.fill(9);
  expect(flushed(outbox)).toEqual([
    [1, 2],
    [0, 1, 2, 3],
  ]);
});

test('counts text in bytes', () => {
  const outbox = new Outbox(roomy);
  outbox.add('äö€');
  expect(outbox.bytes).toBe(7);
});

test('refuses a frame beyond either budget and keeps the rest', () => {
  const few = new Outbox({ maxBytes: 100, maxFrames: 1 });
  expect([few.add('a'), few.add('b')]).toEqual([true, false]);
  const small = new Outbox({ maxBytes: 4, maxFrames: 100 });
  expect([small.add('abc'), small.add('de'), small.add('f')]).toEqual([true, false, true]);
  expect(flushed(small)).toEqual(['abc', 'f']);
});

test('puts restored frames before those added since', () => {
  const outbox = new Outbox(roomy);
  outbox.add('a');
  flushed(outbox);
  outbox.add('b');
  outbox.restore();
  expect(outbox.bytes).toBe(2);
  expect(flushed(outbox)).toEqual(['a', 'b']);
});

test('cannot restore what was forgotten or cleared', () => {
  const outbox = new Outbox(roomy);
  outbox.add('a');
  flushed(outbox);
  outbox.forget();
  outbox.restore();
  outbox.add('b');
  outbox.clear();
  outbox.restore();
  expect(flushed(outbox)).toEqual([]);
  expect(outbox.bytes).toBe(0);
});

type Step = { readonly act: 'add'; readonly text: string } | { readonly act: 'flush' | 'forget' | 'restore' };

test('never exceeds its budget, loses, doubles or reorders a frame', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ act: fc.constant('add' as const), text: fc.string() }) },
    fc.record({ act: fc.constantFrom('flush' as const, 'forget' as const, 'restore' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const outbox = new Outbox({ maxBytes: 50, maxFrames: 8 });
      let held: string[] = [];
      let out: string[] = [];
      for (const next of steps) {
        if (next.act === 'add' && outbox.add(next.text)) held.push(next.text);
        if (next.act === 'restore') [held, out] = [[...out, ...held], []];
        if (next.act === 'forget') out = [];
        if (next.act === 'flush') {
          expect(flushed(outbox)).toEqual(held);
          [held, out] = [[], held];
        } else if (next.act !== 'add') outbox[next.act]();
        expect(outbox.bytes).toBe(Buffer.byteLength(held.join('')));
        expect(Buffer.byteLength([...held, ...out].join(''))).toBeLessThanOrEqual(50);
        expect(held.length + out.length).toBeLessThanOrEqual(8);
      }
    }),
  );
});
