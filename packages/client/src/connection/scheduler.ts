/** Time as the client sees it; the only place with timers and the clock. */

export interface Scheduler {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once after `delayMs`, which may be Infinity; the returned function cancels that and may be called at any time. */
  after(delayMs: number, run: () => void): () => void;
}

/** Platforms fire a timer that is longer than this at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The platform's clock and timers. */
export const systemScheduler: Scheduler = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
