/** The table reads the same in a terminal and as Markdown. */
import { expect, test } from 'vitest';
import { tableOf } from './table.mjs';

test('pads cells to the widest and sets numbers to the right', () => {
  const columns = [{ title: 'contender' }, { title: 'ratio', isNumber: true }];
  expect(
    tableOf(columns, [
      ['ours', '1.04'],
      ['a longer name', '12.30'],
    ]),
  ).toBe(
    [
      '| contender     | ratio |',
      '| ------------- | ----: |',
      '| ours          |  1.04 |',
      '| a longer name | 12.30 |',
    ].join('\n'),
  );
});
