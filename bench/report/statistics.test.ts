/** Quantiles, which every printed figure is one of. */
import { describe, expect, test } from 'vitest';
import { percentilesOf, quantile, spreadOf } from './statistics.mjs';

describe('quantile', () => {
  test.each([
    [[3], 0.5, 3],
    [[1, 2], 0.5, 1.5],
    [[4, 1, 3, 2], 0.25, 1.75],
    [[5, 1, 3], 1, 5],
    [[5, 1, 3], 0, 1],
  ])('of %j at %d is %d', (samples, share, expected) => {
    expect(quantile(samples, share)).toBeCloseTo(expected);
  });

  test('of nothing is nothing', () => {
    expect(quantile([], 0.5)).toBeUndefined();
  });
});

test('the spread is median, quartiles and how many there were, in whatever order they came', () => {
  expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4, count: 5 });
});

test('percentiles of many samples are samples', () => {
  const samples = Array.from({ length: 1000 }, (_, index) => 1000 - index);
  expect(percentilesOf(samples, [0.5, 0.99, 0.999])).toEqual([500, 990, 999]);
  expect(percentilesOf([], [0.5])).toEqual([Number.NaN]);
});
