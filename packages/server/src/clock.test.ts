import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

const DAY_MS = 24 * 3_600_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('systemClock.after', () => {
  it.each([0, 1, 1_000, DAY_MS, 24 * DAY_MS, 2 ** 31 - 1, 2 ** 31, 30 * DAY_MS, 100 * DAY_MS])(
    'runs once after %i ms, also where Node would run at once',
    (ms) => {
      const run = vi.fn();
      systemClock.after(ms, run);
      if (ms > 0) vi.advanceTimersByTime(ms - 1);
      expect(run).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(run).toHaveBeenCalledTimes(1);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('never runs after Infinity, and sets nothing', () => {
    const cancel = systemClock.after(Infinity, () => undefined);
    expect(vi.getTimerCount()).toBe(0);
    cancel();
  });

  it('runs at once for a moment that has passed', () => {
    const run = vi.fn();
    systemClock.after(-5, run);
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it.each([10, 60 * DAY_MS])('can be cancelled at any time before %i ms, and twice', (ms) => {
    const run = vi.fn();
    const cancel = systemClock.after(ms, run);
    vi.advanceTimersByTime(ms - 1);
    cancel();
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(ms);
    expect(run).not.toHaveBeenCalled();
  });
});

describe('systemClock.every', () => {
  it.each([10, 40 * DAY_MS])('runs every %i ms until it is cancelled, also by what it runs', (ms) => {
    let runs = 0;
    const cancel = systemClock.every(ms, () => {
      runs += 1;
      if (runs === 3) cancel();
    });
    vi.advanceTimersByTime(ms - 1);
    expect(runs).toBe(0);
    vi.advanceTimersByTime(1);
    expect(runs).toBe(1);
    vi.advanceTimersByTime(ms * 5);
    expect(runs).toBe(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never runs every Infinity', () => {
    systemClock.every(Infinity, () => undefined);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('systemClock.now', () => {
  it('is the time', () => {
    vi.setSystemTime(1_234_567);
    expect(systemClock.now()).toBe(1_234_567);
  });
});
