import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { KeyRing } from './key-ring.ts';
import { Secret } from './secret.ts';
import { secretFile } from './secret-sources.ts';

const keys = ['first-key-0123456789', 'second-key-abcdefghij', 'third-key-KLMNOPQRST'].map(
  (text) => new Secret(text),
);
const [first, second, third] = keys as [Secret, Secret, Secret];
const origin = { option: 'deepgram().apiKey', check: (text: string) => new Secret(text) };

let ring: KeyRing;
beforeEach(() => {
  ring = new KeyRing([first, second], origin);
});

describe('the next key', () => {
  it('is the first as long as none is refused', () => {
    expect(ring.candidates()).toEqual([first, second]);
    ring.accepted(first);
    expect(ring.candidates()[0]).toBe(first);
  });

  it('is one that was not refused, then the one whose refusal is the longest ago', () => {
    ring.refused(first);
    expect(ring.candidates()).toEqual([second, first]);
    ring.refused(second);
    expect(ring.candidates()).toEqual([first, second]);
    ring.refused(first);
    expect(ring.candidates()).toEqual([second, first]);
  });

  it('is the first again once it is taken', () => {
    ring.refused(first);
    ring.refused(second);
    ring.accepted(first);
    expect(ring.candidates()).toEqual([first, second]);
  });

  it('is none where there is none', () => {
    expect([new KeyRing([]).candidates(), new KeyRing([]).isEmpty]).toEqual([[], true]);
    const coming = new KeyRing([], { ...origin, source: secretFile('a') });
    expect([coming.isEmpty, coming.isLoaded]).toEqual([false, false]);
  });
});

describe('a refusal', () => {
  it('is told once, by the place of the key', () => {
    expect(ring.refused(second)).toEqual({ option: 'deepgram().apiKey', key: '2 of 2', isNew: false });
    expect(ring.refused(second)).toBeUndefined();
  });

  it('is told again when the key was taken meanwhile', () => {
    ring.refused(second);
    ring.accepted(second);
    expect(ring.refused(second)).toMatchObject({ key: '2 of 2' });
  });

  it('of a key that is not here is nothing', () => {
    expect(ring.refused(third)).toBeUndefined();
  });
});

describe('keys that take the place of others', () => {
  it('are used from then on, with the one before them behind, until one is taken', () => {
    expect(ring.replace([third])).toBe(true);
    expect(ring.candidates()).toEqual([third, first]);
    ring.accepted(third);
    expect(ring.candidates()).toEqual([third]);
  });

  it('are told as new when they are refused, and the one before them is used', () => {
    ring.replace([third]);
    expect(ring.refused(third)).toEqual({ option: 'deepgram().apiKey', key: '1 of 1', isNew: true });
    expect(ring.candidates()).toEqual([first, third]);
    expect(ring.refused(first)).toMatchObject({ key: 'former', isNew: false });
  });

  it('are no others when they are the same', () => {
    expect(ring.replace([new Secret('first-key-0123456789'), second])).toBe(false);
  });

  it('keep what is known of them when they only change places', () => {
    ring.refused(first);
    expect(ring.replace([second, first])).toBe(true);
    expect(ring.candidates()).toEqual([second, first]);
    ring.accepted(first);
    expect(ring.refused(first)).toMatchObject({ key: '2 of 2', isNew: false });
  });

  it('leave the former ones hidden, but not all of history', () => {
    const many = Array.from({ length: 18 }, (_, at) => `key-number-${at}-${'x'.repeat(12)}${at}`);
    const long = new KeyRing([new Secret(many[0] as string)], origin);
    for (const text of many.slice(1)) long.replace([new Secret(text)]);
    const isHidden = many.map((text) => long.standsIn(Buffer.from(text)));
    expect(isHidden).toEqual(many.map((_, at) => at > 0));
  });
});

describe('every key of a route', () => {
  beforeEach(() => {
    ring.replace([third]);
  });

  it.each(['first-key-0123456789', 'second-key-abcdefghij', 'third-key-KLMNOPQRST'])(
    'is found and hidden: %s',
    (text) => {
      const filter = ring.createFilter();
      const told = `say ${text}!`;
      expect([ring.isToldBy(told), ring.standsIn(Buffer.from(told))]).toEqual([true, true]);
      expect(ring.redactIn(told)).toBe('say [redacted]!');
      expect(filter.push(told) + filter.end()).toBe('say [redacted]!');
    },
  );

  it('leaves other texts alone', () => {
    expect([ring.isToldBy('hello'), ring.standsIn(Buffer.from('hello')), ring.redactIn('hello')]).toEqual([
      ...[false, false, 'hello'],
    ]);
    const none = new KeyRing([]).createFilter();
    expect(none.push('hello') + none.end()).toBe('hello');
  });

  it('is printed as redacted', () => {
    expect(inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify(ring)).not.toContain('key-');
  });
});
