import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstValue, readQuery } from './query.ts';

describe('readQuery', () => {
  it.each([
    { search: '', pairs: [] },
    { search: '&&', pairs: [] },
    { search: 'a=1', pairs: [['a', '1', 'a=1']] },
    { search: 'a', pairs: [['a', '', 'a']] },
    { search: '=1', pairs: [['', '1', '=1']] },
    { search: 'a=b=c', pairs: [['a', 'b=c', 'a=b=c']] },
    {
      search: 'a=1&&a=2',
      pairs: [
        ['a', '1', 'a=1'],
        ['a', '2', 'a=2'],
      ],
    },
    { search: 'to%6ben=x', pairs: [['token', 'x', 'to%6ben=x']] },
    { search: 'to%256ben=x', pairs: [['to%6ben', 'x', 'to%256ben=x']] },
    { search: 'a=x+y%20z', pairs: [['a', 'x+y z', 'a=x+y%20z']] },
    { search: 'a=%e4%bd%a0', pairs: [['a', '你', 'a=%e4%bd%a0']] },
    {
      search: 'a=%zz&%=1&b=%ff',
      pairs: [
        ['a', '%zz', 'a=%zz'],
        ['%', '1', '%=1'],
        ['b', '%ff', 'b=%ff'],
      ],
    },
    {
      search: '__proto__=1&constructor=2',
      pairs: [
        ['__proto__', '1', '__proto__=1'],
        ['constructor', '2', 'constructor=2'],
      ],
    },
    { search: 'a=1;token=x', pairs: [['a', '1;token=x', 'a=1;token=x']] },
  ])('reads $search', ({ search, pairs }) => {
    expect(readQuery(search).map(({ name, value, raw }) => [name, value, raw])).toEqual(pairs);
  });

  it('keeps every pair byte for byte, in order, whatever it holds', () => {
    const piece = fc.constantFrom(
      'a',
      'token',
      '=',
      '&',
      '%',
      '%61',
      '%C3%A9',
      '+',
      '/',
      "'",
      '[]',
      '%00',
      '\u00e9',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const search = pieces.join('');
        const raws = readQuery(search).map((pair) => pair.raw);
        expect(raws).toEqual(search.split('&').filter((raw) => raw !== ''));
      }),
    );
  });

  it('decodes any name and value that was percent-encoded', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(word, word, (name, value) => {
        const [pair] = readQuery(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
        expect(pair).toMatchObject({ name, value });
      }),
    );
  });
});

describe('firstValue', () => {
  const query = readQuery('service=agent&service=transcription&e&Service=x');

  it.each([
    { name: 'service', value: 'agent' },
    { name: 'e', value: '' },
    { name: 'SERVICE', value: undefined },
    { name: 'toString', value: undefined },
  ])('of $name is $value', ({ name, value }) => {
    expect(firstValue(query, name)).toBe(value);
  });
});
