import { describe, expect, it, vi } from 'vitest';
import { Stop } from './stop-signal.ts';

describe('Stop', () => {
  it('tells its listeners once, in their order', () => {
    const stop = new Stop();
    const told: string[] = [];
    stop.addEventListener('abort', () => told.push(`first, aborted: ${stop.aborted}`));
    stop.addEventListener('abort', () => told.push('second'));
    expect(stop.aborted).toBe(false);
    stop.abort();
    stop.abort();
    expect(told).toEqual(['first, aborted: true', 'second']);
  });

  it('does not tell one that was removed, and removes one at a time', () => {
    const stop = new Stop();
    const [kept, removed] = [vi.fn(), vi.fn()];
    stop.addEventListener('abort', removed);
    stop.addEventListener('abort', kept);
    stop.removeEventListener('abort', removed);
    stop.removeEventListener('abort', removed);
    stop.abort();
    expect(removed).not.toHaveBeenCalled();
    expect(kept).toHaveBeenCalledTimes(1);
  });

  it('tells all, also when one removes itself meanwhile', () => {
    const stop = new Stop();
    const last = vi.fn();
    const leaving = (): void => stop.removeEventListener('abort', leaving);
    stop.addEventListener('abort', leaving);
    stop.addEventListener('abort', last);
    stop.abort();
    expect(last).toHaveBeenCalledTimes(1);
  });
});
