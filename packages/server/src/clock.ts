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
    if (ms > LONGEST_TIMER_MS) return afterParts(ms, run);
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    if (ms > LONGEST_TIMER_MS) return everyParts(ms, run);
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
};

function afterParts(ms: number, run: () => void): () => void {
  if (ms === Infinity) return doNothing;
  let cancel = systemClock.after(LONGEST_TIMER_MS, () => {
    cancel = systemClock.after(ms - LONGEST_TIMER_MS, run);
  });
  return () => cancel();
}

function doNothing(): void {}

function everyParts(ms: number, run: () => void): () => void {
  let cancel: () => void;
  const set = (): void => {
    cancel = systemClock.after(ms, () => {
      set();
      run();
    });
  };
  set();
  return () => cancel();
}

/** Resolves when what had come on sockets by now has been read: no time, only the rest of one turn of the event loop. */
export function restOfTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
