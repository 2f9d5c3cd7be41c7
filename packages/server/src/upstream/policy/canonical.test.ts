import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCanonical } from './canonical.ts';
import { readMessage } from './read-message.ts';

function isSame(text: string): boolean {
  const message = readMessage(text);
  return typeof message !== 'string' && isCanonical(message, Buffer.from(text), text);
}

const rubble = fc
  .array(fc.constantFrom('"', '{', '}', ':', ',', ' ', '\\', '\\"', 'a', 'type', '1', '__proto__', 'é'))
  .map((all) => all.join(''));
const almostCanonical = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', '1', 'type'), rubble), { maxLength: 3 })
  .map((all) => `{${all.map(([name, value]) => `"${name}":"${value}"`).join()}}`);

describe('isCanonical', () => {
  it.each(['{"type":"a"}', '{"type":"append","audio":"AAAA+/=="}', '{"a":"","b":"\u{1f600}"}'])(
    'is true of %s',
    (text) => {
      expect(isSame(text)).toBe(true);
    },
  );

  it.each([
    '{"type": "a"}',
    '{"type":"a"} ',
    '{"type":"a","type":"b"}',
    '{"type":"a","type":"a"}',
    '{"a":"\\n"}',
    '{"a":"\\u0061"}',
    '{"b":"x","1":"y"}',
    '{"a":1}',
    '{"a":{}}',
    '{}',
  ])('is false of %s', (text) => {
    expect(isSame(text)).toBe(false);
  });

  it('is true of no text that would be written otherwise', () => {
    fc.assert(
      fc.property(almostCanonical, (text) => {
        if (isSame(text)) expect(JSON.stringify(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });
});
