import { expect, it } from 'vitest';
import { settle } from './snapshot.ts';

it('keeps the old object when every value is the same', () => {
  const list: number[] = [];
  const before: { list: number[]; error?: undefined } = { list };
  expect(settle(before, { list })).toBe(before);
  expect(settle(before, { list, error: undefined })).toBe(before);
});

it('takes the new object, frozen, when a value differs', () => {
  const next = settle({ list: [] as number[] }, { list: [] });
  expect(Object.isFrozen(next)).toBe(true);
});

it('notices a value that is gone', () => {
  const before: { a: number; b?: number } = { a: 1, b: 2 };
  expect(settle(before, { a: 1 })).not.toBe(before);
});
