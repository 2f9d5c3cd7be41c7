import { describe, expect, it } from 'vitest';
import { findExcess } from './json-excess.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const named = (count: number): string =>
  `{${Array.from({ length: count }, (_, at) => `"${at}":1`).join(',')}}`;

describe('findExcess', () => {
  it.each([
    ['64 levels', nested(64)],
    ['many lists beside each other', `[${'[],'.repeat(1000)}[]]`],
    ['10 000 names', named(10_000)],
    ['marks inside of a text', JSON.stringify({ a: `${'[{:'.repeat(20_000)}"\\` })],
    ['a text that does not end', `{"a":"${'['.repeat(1000)}`],
    ['a backslash at the end', '{"a\\'],
    ['no JSON', 'hello: world'],
    ['nothing', ''],
  ])('finds none in %s', (_title, text) => {
    expect(findExcess(text)).toBeUndefined();
  });

  it.each([
    ['65 levels', nested(65), 'nested deeper'],
    ['65 objects', '{"a":'.repeat(65), 'nested deeper'],
    ['10 001 names', named(10_001), 'more than 10000 names'],
    ['names in many objects', `[${'{"a":1},'.repeat(10_001)}]`, 'more than 10000 names'],
    ['65 537 values', `[${'1,'.repeat(65_537)}1]`, 'more than 65536 values'],
    ['lists beside each other', `[${'[],'.repeat(40_000)}1]`, 'more than 65536 values'],
    ['levels behind a text with an escaped quote', `["\\"",${nested(65)}]`, 'nested deeper'],
  ])('finds it in %s', (_title, text, says) => {
    expect(findExcess(text)).toContain(says);
  });
});
