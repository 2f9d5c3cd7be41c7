/** When which session sends, with several contenders loaded at the same time. */
import { expect, test } from 'vitest';
import { slotOf } from './pace.mjs';

test('contenders take turns, sessions too, and each contender gets its rate', () => {
  const groups = [{ sessions: ['a', 'b'] }, { sessions: ['c'] }];
  const slots = [0, 1, 2, 3, 4].map((index) => slotOf(index, groups, 100));
  expect(slots.map(({ session }) => session)).toEqual(['a', 'c', 'b', 'c', 'a']);
  expect(slots.map(({ atMs }) => atMs)).toEqual([0, 5, 10, 15, 20]);
});
