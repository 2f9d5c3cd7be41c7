import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import { waitFor } from './wait-for.ts';

const listeners = ({ signal }: AbortController): number => getEventListeners(signal, 'abort').length;

describe('waitFor', () => {
  it('ends with the value, and leaves no timer behind', async () => {
    const clock = createTestClock();
    expect(await waitFor(Promise.resolve(7), clock, 100, new AbortController().signal)).toEqual({ value: 7 });
    expect(clock.pending()).toBe(0);
  });

  it('ends with the rejection’s cause instead of rejecting', async () => {
    const clock = createTestClock();
    const cause = new Error('no');
    const waited = await waitFor(Promise.reject(cause), clock, 100, new AbortController().signal);
    expect(waited).toEqual({ failed: 'rejected', cause });
    expect(clock.pending()).toBe(0);
  });

  it('ends at its time limit, not before, and ignores what comes later', async () => {
    const clock = createTestClock();
    let reject: (error: Error) => void = () => undefined;
    const never = new Promise<never>((_, fail) => (reject = fail));
    const results: object[] = [];
    const waiting = waitFor(never, clock, 100, new AbortController().signal).then((result) =>
      results.push(result),
    );
    clock.advance(99);
    await Promise.resolve();
    expect(results).toEqual([]);
    clock.advance(1);
    await waiting;
    reject(new Error('late'));
    expect(results).toEqual([{ failed: 'timeout' }]);
  });

  it('ends when nobody waits any more, and no longer listens to that', async () => {
    const clock = createTestClock();
    const controller = new AbortController();
    const waiting = waitFor(new Promise(() => undefined), clock, 100, controller.signal);
    expect(listeners(controller)).toBe(1);
    controller.abort();
    expect(await waiting).toEqual({ failed: 'aborted' });
    expect(listeners(controller)).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  it('ends at once when nobody waited from the start, also when the promise is about to reject', async () => {
    const clock = createTestClock();
    expect(await waitFor(Promise.reject(new Error('x')), clock, 100, AbortSignal.abort())).toEqual({
      failed: 'aborted',
    });
    expect(clock.pending()).toBe(0);
  });

  it('stops listening to the signal once it has a result', async () => {
    const controller = new AbortController();
    await waitFor(Promise.resolve(1), createTestClock(), 100, controller.signal);
    expect(listeners(controller)).toBe(0);
  });
});
