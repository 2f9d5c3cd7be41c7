/** The time and the timers of the server. Nothing else reads the clock or sets a timer, so tests can hold time still. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs once after `ms` milliseconds; `Infinity` never runs. Returns its cancellation, safe to call late or twice. */
  after(ms: number, run: () => void): () => void;
  /** Runs every `ms` milliseconds until cancelled; `Infinity` never runs. */
  every(ms: number, run: () => void): () => void;
}

/** The longest delay that Node keeps; a longer one would fire at once, so it is waited for in parts. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const set = (leftMs: number): void => {
      if (leftMs <= LONGEST_TIMER_MS) timer = setTimeout(run, leftMs);
      else timer = setTimeout(() => set(leftMs - LONGEST_TIMER_MS), LONGEST_TIMER_MS);
    };
    if (ms !== Infinity) set(ms);
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    let cancel: () => void;
    const set = (): void => {
      cancel = systemClock.after(ms, () => {
        set();
        run();
      });
    };
    set();
    return () => cancel();
  },
};
