import { describe, expect, it } from 'vitest';
import { RunningHash } from './running-hash.ts';

describe('the running hash', () => {
  // Values published with the algorithm.
  it.each([
    ['', '811c9dc5'],
    ['a', 'e40c292c'],
    ['foobar', 'bf9cf968'],
  ])('of %j is FNV-1a', (text, expected) => {
    const hash = new RunningHash();
    hash.add(Buffer.from(text));
    expect(hash.fnv1a).toBe(expected);
  });

  it('does not depend on how the bytes are cut', () => {
    const hash = new RunningHash();
    for (const part of ['fo', '', 'oba', 'r']) hash.add(Buffer.from(part));
    expect(hash).toMatchObject({ fnv1a: 'bf9cf968', bytes: 6 });
  });
});
