/** The platform's clock behind the scheduler. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemScheduler } from './scheduler.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('calls once after the delay', () => {
  const run = vi.fn();
  systemScheduler.after(100, run);
  vi.advanceTimersByTime(99);
  expect(run).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(run).toHaveBeenCalledOnce();
});

test('leaves no timer after a cancel, also of one that has run', () => {
  const cancel = systemScheduler.after(100, () => {});
  cancel();
  expect(vi.getTimerCount()).toBe(0);
  const late = systemScheduler.after(1, () => {});
  vi.advanceTimersByTime(1);
  expect(late).not.toThrow();
});

test('does not take an endless delay for none', () => {
  const run = vi.fn();
  const cancel = systemScheduler.after(Infinity, run);
  vi.advanceTimersByTime(86_400_000);
  expect(run).not.toHaveBeenCalled();
  cancel();
});

test('tells the time since the epoch', () => {
  vi.setSystemTime(12_345);
  expect(systemScheduler.now()).toBe(12_345);
});
