import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import { inTime } from './in-time.ts';

const never = new Promise<never>(() => undefined);
const late = (): Error => new Error('late');

describe('a wait', () => {
  it('ends with what is waited for, by result or by failure', async () => {
    const limits = { ms: 10, late, signal: new AbortController().signal };
    expect(await inTime(createTestClock(), Promise.resolve(1), limits)).toBe(1);
    await expect(inTime(createTestClock(), Promise.reject(new Error('own')), limits)).rejects.toThrow('own');
  });

  it('ends with its time', async () => {
    const clock = createTestClock();
    const wait = inTime(clock, never, { ms: 10, late });
    clock.advance(10);
    await expect(wait).rejects.toThrow('late');
  });

  it.each(['before it', 'during it'])(
    'ends with a signal that aborts %s, and leaves no timer',
    async (when) => {
      const clock = createTestClock();
      const stopping = new AbortController();
      const abort = (): void => stopping.abort(new Error('gone'));
      if (when === 'before it') abort();
      const wait = inTime(clock, never, { ms: 10, late, signal: stopping.signal });
      if (when === 'during it') abort();
      await expect(wait).rejects.toThrow('gone');
      expect(clock.pending()).toBe(0);
    },
  );
});
