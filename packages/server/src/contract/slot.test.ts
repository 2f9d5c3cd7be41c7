import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillSlot, isCredentialFormat, readSlotValue } from './slot.ts';

describe('readSlotValue', () => {
  it.each([
    { format: '{key}', value: 'abc', credential: 'abc' },
    { format: '{key}', value: '', credential: '' },
    { format: 'Bearer {key}', value: 'Bearer abc', credential: 'abc' },
    { format: 'Bearer {key}', value: 'bEARER abc', credential: 'abc' },
    { format: 'Bearer {key}', value: 'Bearer ', credential: '' },
    { format: 'Bearer {key}', value: 'Bearer', credential: undefined },
    { format: 'Bearer {key}', value: 'Bearerabc', credential: undefined },
    { format: 'Bearer {key}', value: 'Token abc', credential: undefined },
    { format: 'Bearer {key}', value: ' Bearer abc', credential: undefined },
    { format: 'voxproxy.token.{key}', value: 'voxproxy.token.a.b.c', credential: 'a.b.c' },
    { format: 'key={key};v=1', value: 'key=abc;v=1', credential: 'abc' },
    { format: 'key={key};v=1', value: 'key=abc;v=2', credential: undefined },
    { format: 'ab{key}bc', value: 'abc', credential: undefined },
    { format: 'ab{key}bc', value: 'abbc', credential: '' },
  ])('finds $credential in $value by $format', ({ format, value, credential }) => {
    expect(readSlotValue(format, value)).toBe(credential);
  });

  it('reads back whatever fillSlot wrote', () => {
    const fixed = fc.string().filter((text) => !text.includes('{') && !text.includes('}'));
    fc.assert(
      fc.property(fixed, fc.string(), fixed, (before, credential, after) => {
        const format = `${before}{key}${after}`;
        expect(readSlotValue(format, fillSlot(format, credential))).toBe(credential);
      }),
    );
  });
});

describe('fillSlot', () => {
  it.each(['$&', '$1', '$$', '$`', "$'", '{key}'])('writes the credential %j as it is', (credential) => {
    expect(fillSlot('Bearer {key}', credential)).toBe(`Bearer ${credential}`);
  });
});

describe('isCredentialFormat', () => {
  it('tells the credential from fixed words', () => {
    expect(['token', '{key}', 'voxproxy.token.{key}', 'key'].map(isCredentialFormat)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
