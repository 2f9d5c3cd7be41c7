/** How much of the public list the tables hold. */
import { expect, test } from 'vitest';
import type { ConformanceCase } from './cases/case.ts';
import { NOT_FOR_A_PROXY, PUBLIC_LIST, REFUSED_BY_CONTRACT } from './public-list.ts';
import { FRAME_TABLES, LIMIT_TABLE, TEXT_TABLE } from './tables.ts';

const ALL_CASES = [...Object.values(FRAME_TABLES).flat(), ...TEXT_TABLE, ...LIMIT_TABLE];
const inTables = new Set(ALL_CASES.flatMap(({ ids }) => ids));
const isListed = new Set(PUBLIC_LIST);

test('has every case of the public list in a table, or the reason why it does not apply', () => {
  const left = PUBLIC_LIST.filter((id) => !inTables.has(id) && !NOT_FOR_A_PROXY[id]);
  expect(left).toEqual([]);
  const own = ALL_CASES.filter(({ ids }) => ids.length === 0).length;
  const counts = `${inTables.size} of ${PUBLIC_LIST.length} public cases and ${own} of our own`;
  process.stdout.write(`conformance: ${counts}\n`);
});

test('names no case that the public list does not have', () => {
  const named = [...inTables, ...Object.keys(NOT_FOR_A_PROXY)];
  expect(named.filter((id) => !isListed.has(id))).toEqual([]);
});

test('expects another end than the public list only where the contract has a limit of its own', () => {
  const isLimited = ({ bytes: { ending } }: ConformanceCase): boolean =>
    ending.kind === 'breach' && ['PolicyViolation', 'TooLarge'].includes(ending.row);
  expect(ALL_CASES.filter(isLimited).flatMap(({ ids }) => ids)).toEqual(REFUSED_BY_CONTRACT);
});

test('gives each case a title of its own in its table', () => {
  for (const cases of [...Object.values(FRAME_TABLES), TEXT_TABLE, LIMIT_TABLE]) {
    const titles = cases.map(({ title }) => title);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
  }
});
