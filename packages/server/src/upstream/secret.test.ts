import { format, inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from './secret.ts';

const key = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b';
const secret = new Secret(key);

/** Keys as providers make them. */
const anyKey = fc.string({
  unit: fc.constantFrom(...'abcdefXYZ0123456789-_.+/=%&~'),
  minLength: 16,
  maxLength: 60,
});
const around = fc.string({ unit: 'grapheme', maxLength: 20 });
const percentAll = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

describe('a Secret', () => {
  it('prints as redacted wherever it ends up', () => {
    const printed = [
      String(secret),
      `${secret}`,
      JSON.stringify({ a: [secret] }),
      inspect({ secret }, { showHidden: true, depth: 9 }),
      format('%s %o %j', secret, secret, secret),
      Object.entries(secret).join(''),
      JSON.stringify(structuredClone({ ...secret })),
      String(new Error(`${secret}`)),
    ].join('\n');
    expect(printed).not.toContain(key);
    expect(printed).toContain('[redacted]');
    expect(secret.reveal()).toBe(key);
  });
});

describe('Secret.isToldBy', () => {
  it.each([
    { title: 'the key', text: `bad key ${key}.` },
    { title: 'the key in upper case', text: key.toUpperCase() },
    { title: 'its first 8 characters', text: `key ${key.slice(0, 8)}... is unknown` },
    { title: 'its last 8 characters', text: `key ending in ${key.slice(-8)}` },
    { title: 'its first 5 characters as a word', text: `key ${key.slice(0, 5)}****` },
    { title: 'its last 5 characters as a word', text: `key ...${key.slice(-5)}` },
    { title: 'its first 7 characters alone', text: key.slice(0, 7) },
    { title: 'its first 5 characters, percent-encoded', text: percentAll(key.slice(0, 5)) },
    { title: '8 characters from its middle', text: key.slice(13, 21) },
    { title: 'hex of it', text: Buffer.from(key).toString('hex') },
    { title: 'hex of it in upper case', text: Buffer.from(key).toString('hex').toUpperCase() },
    { title: 'base64 of it behind a name', text: Buffer.from(`api:${key}`).toString('base64') },
    { title: 'every character percent-encoded', text: percentAll(key) },
    { title: 'some characters percent-encoded', text: `${percentAll(key.slice(0, 12))}${key.slice(12)}` },
  ])('sees $title', ({ text }) => {
    expect(secret.isToldBy(text)).toBe(true);
  });

  it.each([
    '',
    'Unauthorized',
    'invalid api key',
    key.slice(0, 4),
    key.slice(-4),
    key.slice(1, 8),
    key.slice(-8, -1),
    `${key.slice(0, 7)}x`,
    'request 0b8e6c1a-9d55-4c3f-8f0e-2a7c55d4e1b0',
    '%',
    '%zz%41',
  ])('sees nothing in %j', (text) => {
    expect(secret.isToldBy(text)).toBe(false);
  });

  it('sees any key in any surroundings, plain, percent-encoded and in hex', () => {
    fc.assert(
      fc.property(anyKey, around, around, (one, before, after) => {
        const told = new Secret(one);
        for (const form of [
          one,
          encodeURIComponent(one),
          percentAll(one),
          Buffer.from(one).toString('hex'),
        ]) {
          expect(told.isToldBy(before + form + after)).toBe(true);
        }
      }),
    );
  });

  it('sees any key in base64 and base64url, at every offset in what was encoded', () => {
    fc.assert(
      fc.property(
        anyKey,
        fc.uint8Array({ maxLength: 7 }),
        fc.uint8Array({ maxLength: 7 }),
        (one, before, after) => {
          const bytes = Buffer.concat([before, Buffer.from(one), after]);
          expect(new Secret(one).isToldBy(bytes.toString('base64'))).toBe(true);
          expect(new Secret(one).isToldBy(bytes.toString('base64url'))).toBe(true);
        },
      ),
    );
  });

  it('sees every run of 8 characters of a key', () => {
    for (let start = 0; start + 8 <= key.length; start += 1) {
      expect(secret.isToldBy(`x${key.slice(start, start + 8)}`)).toBe(true);
    }
  });

  it('takes a short key as a whole, and an empty one for nothing', () => {
    expect(new Secret('abc').isToldBy('the abc of it')).toBe(true);
    expect(new Secret('abc').isToldBy('ab c')).toBe(false);
    expect(new Secret('').isToldBy('anything')).toBe(false);
  });

  it('looks for no code of a short key that stands in anything', () => {
    const base64 = Buffer.from(Array.from({ length: 3_000 }, (_, at) => (at * at * 7) % 256)).toString(
      'base64',
    );
    for (const short of ['k', 'ab', 'dev', 'test']) {
      const filter = new Secret(short).createFilter();
      expect(filter.push(base64) + filter.end()).toBe(base64);
    }
    const filter = new Secret('secret').createFilter();
    expect(filter.push('a secret of c2VjcmV0 bytes') + filter.end()).toBe(
      'a [redacted] of [redacted]V0 bytes',
    );
  });
});
