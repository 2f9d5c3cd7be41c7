/** A relay that loses, repeats, mixes or turns round frames must be seen. */
import { expect, test } from 'vitest';
import { noFaults, StampChecker, sumOfFaults } from './stamp-checker.mjs';

const SIZE = 640;
const frame = (sequence: number, changes = {}) => ({
  session: 3,
  sequence,
  tail: sequence,
  size: SIZE,
  ...changes,
});

const cases: [title: string, frames: ReturnType<typeof frame>[], faults: object][] = [
  ['all in order', [frame(0), frame(1), frame(2)], {}],
  ['one lost', [frame(0), frame(2)], { lost: 1 }],
  ['one repeated', [frame(0), frame(0), frame(1)], { repeated: 1 }],
  ['two turned round', [frame(0), frame(2), frame(1), frame(3)], { reordered: 1 }],
  ['one late and again', [frame(0), frame(2), frame(1), frame(1)], { reordered: 1, repeated: 1 }],
  ['one of another session', [frame(0), frame(0, { session: 4 }), frame(1)], { foreign: 1 }],
  ['one torn', [frame(0), frame(1, { tail: 9 })], { torn: 1 }],
  ['one of another size', [frame(0), frame(1, { size: 320 })], { torn: 1 }],
];

test.each(cases)('%s', (_, frames, faults) => {
  const checker = new StampChecker(3, SIZE, noFaults());
  for (const each of frames) checker.take(each);
  expect(checker.faults).toEqual({ ...noFaults(), ...faults });
  expect(sumOfFaults(checker.faults)).toBe(Object.values(faults).reduce((sum, count) => sum + count, 0));
});
