/** Time as the client sees it; the only place with timers and the clock. */

export interface Scheduler {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once after `delayMs`; the returned function cancels that and may be called at any time. */
  after(delayMs: number, run: () => void): () => void;
}

/** The platform's clock and timers. */
export const systemScheduler: Scheduler = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
