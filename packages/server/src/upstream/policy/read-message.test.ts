import { describe, expect, it } from 'vitest';
import { MOST_NESTING, MOST_VALUES, readMessage } from './read-message.ts';

const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
const members = (count: number): string =>
  `{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join()}}`;

describe('readMessage', () => {
  it.each<[title: string, text: string, says: string]>([
    ['no text', '', 'is not a JSON object'],
    ['a list', '[]', 'is not a JSON object'],
    ['a text', '"type"', 'is not a JSON object'],
    ['null', 'null', 'is not a JSON object'],
    ['a number', '5', 'is not a JSON object'],
    ['a half', '{"type":', 'is not a JSON object'],
    ['two', '{}{}', 'is not a JSON object'],
    ['a byte order mark', '\uFEFF{}', 'is not a JSON object'],
    ['a comment', '{/**/}', 'is not a JSON object'],
    ['NaN', '{"a":NaN}', 'is not a JSON object'],
    ['Infinity', '{"a":-Infinity}', 'is not a JSON object'],
    ['a number with a leading zero', '{"a":01}', 'is not a JSON object'],
    ['a line break in a text', '{"a":"\n"}', 'is not a JSON object'],
    ['a member __proto__', '{"__proto__":{"type":"x"}}', 'has a member that is not allowed'],
    ['a hidden member __proto__', '{"a":[{"\\u005f_proto__":1}]}', 'has a member that is not allowed'],
    ['a number too large for a double', '{"a":1e400}', 'has a number that cannot be kept exactly'],
    [
      'a whole number that a double rounds',
      '{"a":9007199254740993}',
      'has a number that cannot be kept exactly',
    ],
    ['a negative one', '{"a":-12345678901234567890}', 'has a number that cannot be kept exactly'],
    ['half a surrogate pair', '{"a":"\\ud83d"}', 'has text that is not Unicode'],
    ['half a surrogate pair in a name', '{"\\uDE00":1}', 'has text that is not Unicode'],
    ['one nesting too many', nested(MOST_NESTING + 1), 'is nested too deeply'],
    ['10 000 nestings', nested(10_000), 'is nested too deeply'],
    ['nestings without end', `{"a":${'['.repeat(200_000)}`, 'is nested too deeply'],
    ['a million members', members(1_000_000), 'has too many values'],
    ['members in a short text', `{"a":[${'1,'.repeat(MOST_VALUES)}1]}`, 'has too many values'],
    ['a long text without end', `{"a":"${'x'.repeat(100_000)}`, 'is not a JSON object'],
  ])('refuses %s', (_, text, says) => {
    expect(readMessage(text)).toBe(says);
  });

  it.each<[title: string, text: string, again: string]>([
    ['an empty object', '{}', '{}'],
    ['spaces before the type', `{${' '.repeat(1_048_576)}"type":"x"}`, '{"type":"x"}'],
    ['the last of duplicates', '{"type":"a","type":"b"}', '{"type":"b"}'],
    [
      'a member constructor as what it is',
      '{"constructor":{"prototype":1}}',
      '{"constructor":{"prototype":1}}',
    ],
    ['a whole surrogate pair', '{"a":"\\ud83d\\ude00"}', '{"a":"\u{1f600}"}'],
    ['an escaped type', '{"ty\\u0070e":"x"}', '{"type":"x"}'],
    ['fractions and exponents', '{"a":[0.5,1e3,-2]}', '{"a":[0.5,1000,-2]}'],
    ['the largest whole number', '{"a":9007199254740991}', '{"a":9007199254740991}'],
    ['the deepest nesting', nested(MOST_NESTING), nested(MOST_NESTING)],
    ['brackets and quotes in a long text', longText(), longText()],
  ])('takes %s, and nobody reads it otherwise when it is written again', (_, text, again) => {
    expect(JSON.stringify(readMessage(text))).toBe(again);
  });

  it.each([
    ['spaces', `{${' '.repeat(16_777_000)}}`],
    ['one text', `{"a":"${'x'.repeat(16_777_000)}"}`],
    ['escaped quotes', `{"a":"${'\\"'.repeat(8_388_000)}"}`],
    ['backslashes', `{"a":"${'\\\\'.repeat(8_388_000)}"}`],
    ['brackets', '['.repeat(16_777_000)],
    ['digits', `{"a":${'1'.repeat(16_777_000)}}`],
    ['quotes', '"'.repeat(16_777_000)],
  ])('judges 16 MiB of %s without growing by much', (_, text) => {
    const before = process.memoryUsage().heapUsed;
    readMessage(text);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1_048_576);
  });
});

function longText(): string {
  return JSON.stringify({ a: '[{"\\'.repeat(30_000) });
}
