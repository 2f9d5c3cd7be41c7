import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { PRESETS } from '../../src/upstream/presets/index.ts';
import { presetTable } from './table.ts';

const cellsOf = (table: string): string[][] =>
  table
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|-]+\|$/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));

test('the table of the presets in the docs is what the presets say; npm run docs:presets writes it', async () => {
  const docs = await readFile(new URL('../../../../docs/presets.md', import.meta.url), 'utf8');
  const [, table = ''] = docs.split(/<!-- table: presets -->|<!-- end -->/);
  expect(cellsOf(table)).toEqual(cellsOf(presetTable()));
});

test('no two presets have one id', () => {
  const ids = PRESETS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
