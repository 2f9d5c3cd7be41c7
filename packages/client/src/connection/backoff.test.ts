/** Bounds and growth of the waits. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { delayOf, type Wait } from './backoff.ts';

const bounds = { firstDelayMs: 300, maxDelayMs: 5_000 };

const longest: [Wait, number][] = [
  [{ kind: 'none' }, 0],
  [{ kind: 'spread' }, 5_000],
  [{ kind: 'stated', ms: 10_000 }, 12_000],
  [{ kind: 'stated', ms: -1_000 }, 0],
  [{ kind: 'back-off', retry: 0 }, 300],
  [{ kind: 'back-off', retry: 1 }, 600],
  [{ kind: 'back-off', retry: 4 }, 4_800],
  [{ kind: 'back-off', retry: 5 }, 5_000],
  [{ kind: 'back-off', retry: 10_000 }, 5_000],
];

test.each(longest)('draws %j from below %i ms', (wait, most) => {
  expect(delayOf(wait, bounds, () => 1)).toBeCloseTo(most);
});

test('draws a back-off from zero on', () => {
  expect(delayOf({ kind: 'back-off', retry: 3 }, bounds, () => 0)).toBe(0);
  expect(delayOf({ kind: 'spread' }, bounds, () => 0)).toBe(0);
});

test('never comes back earlier than the server asked, and at most a fifth later', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.double({ min: 0, max: 1, noNaN: true }), (ms, luck) => {
      const delay = delayOf({ kind: 'stated', ms }, bounds, () => luck);
      expect(delay).toBeGreaterThanOrEqual(ms);
      expect(delay).toBeLessThanOrEqual(ms * 1.2 + 1e-6);
    }),
  );
});

test('keeps every back-off between zero and the maximum, whatever the bounds', () => {
  const number = fc.integer({ min: 0, max: 86_400_000 });
  const luck = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(number, number, fc.nat(5_000), luck, (firstDelayMs, maxDelayMs, retry, drawn) => {
      const delay = delayOf({ kind: 'back-off', retry }, { firstDelayMs, maxDelayMs }, () => drawn);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThanOrEqual(maxDelayMs);
    }),
  );
});
