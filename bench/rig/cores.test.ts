/** Contenders never share a core with the load, where there are two. */
import { expect, test } from 'vitest';
import { chooseCores, pinned } from './cores.mjs';

test.each([
  [1, true, undefined],
  [2, true, { contender: 1, load: 0, upstream: 0 }],
  [8, true, { contender: 7, load: 0, upstream: 1 }],
  [8, false, undefined],
])('%d cores, taskset %s', (count, hasTaskset, cores) => {
  expect(chooseCores(count, hasTaskset)).toEqual(cores);
});

test('a process without a core runs as it is', () => {
  expect(pinned(undefined, ['node', 'a'])).toEqual(['node', 'a']);
  expect(pinned(1, ['node', 'a'])).toEqual(['taskset', '-c', '1', 'node', 'a']);
});
