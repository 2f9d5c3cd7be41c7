/** Clocks for tests: one that stands still until it is told, and one that counts the real timers set through it. */
import { type Clock, systemClock } from '../../src/clock.ts';

export interface TestClock extends Clock {
  /** Moves time on and runs what falls due, in order of time; what that sets falls due within the same call. */
  advance(ms: number): void;
  /** Somebody sets the date back, which ends no wait and lengthens none. */
  setBack(ms: number): void;
  /** Timers that are set and have neither run nor been cancelled. */
  pending(): number;
}

interface Timer {
  dueMs: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

/** A clock that moves only by `advance`. Starts at a fixed moment of the year 2026, or where told, in milliseconds. */
export function createTestClock(startMs = Date.UTC(2026, 0, 1)): TestClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  let backMs = 0;

  const set = (timer: Timer): (() => void) => {
    if (timer.dueMs !== Infinity) timers.add(timer);
    return () => void timers.delete(timer);
  };
  const fire = (timer: Timer): void => {
    nowMs = Math.max(nowMs, timer.dueMs);
    if (timer.everyMs === undefined) timers.delete(timer);
    // A period of nothing would never let time pass.
    else timer.dueMs += Math.max(1, timer.everyMs);
    timer.run();
  };
  const nextBefore = (limitMs: number): Timer | undefined =>
    [...timers].filter(({ dueMs }) => dueMs <= limitMs).sort((one, other) => one.dueMs - other.dueMs)[0];

  return {
    now: () => nowMs - backMs,
    elapsed: () => nowMs,
    after: (ms, run) => set({ dueMs: nowMs + ms, everyMs: undefined, run }),
    every: (ms, run) => set({ dueMs: nowMs + ms, everyMs: ms, run }),
    setBack: (ms) => void (backMs += ms),
    pending: () => timers.size,
    advance(ms) {
      const endMs = nowMs + ms;
      for (let timer = nextBefore(endMs); timer; timer = nextBefore(endMs)) fire(timer);
      nowMs = endMs;
    },
  };
}

/** The real clock, counting the timers that are set through it. */
export function createCountingClock(): Clock & { pending(): number } {
  const timers = new Set<symbol>();
  const count = (): (() => void) => {
    const timer = Symbol('timer');
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    now: systemClock.now,
    elapsed: systemClock.elapsed,
    pending: () => timers.size,
    after(ms, run) {
      const forget = count();
      const cancel = systemClock.after(ms, () => {
        forget();
        run();
      });
      return () => {
        forget();
        cancel();
      };
    },
    every(ms, run) {
      const forget = count();
      const cancel = systemClock.every(ms, run);
      return () => {
        forget();
        cancel();
      };
    },
  };
}
