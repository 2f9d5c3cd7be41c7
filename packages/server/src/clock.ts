/** The time and the timers of the server. Nothing else reads the clock or sets a timer, so tests can hold time still. */

export interface Clock {
  /** Milliseconds since the epoch, for dates: somebody may set them back. */
  now(): number;
  /** Milliseconds since some moment, for durations: they only grow. A machine that sleeps may not count. */
  elapsed(): number;
  /**
   * Runs once after `ms` milliseconds; `Infinity` never runs. Returns its cancellation, safe to call late or twice. With `isIdle` it does not
   * keep a process alive that has nothing else to do.
   */
  after(ms: number, run: () => void, isIdle?: boolean): () => void;
  /** Runs every `ms` milliseconds until cancelled; `Infinity` never runs. */
  every(ms: number, run: () => void): () => void;
}

/** The longest delay that Node keeps; a longer one would fire at once, so it is waited for in parts. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => Math.floor(performance.now()),
  after(ms, run, isIdle = false) {
    if (ms > LONGEST_TIMER_MS) return afterParts(ms, run);
    const timer = setTimeout(run, ms);
    if (isIdle) timer.unref();
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    if (ms > LONGEST_TIMER_MS) return everyParts(ms, run);
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
};

/** Resolves when sockets have told what had reached this machine for them: no time, only turns of the event loop. */
export async function socketsHeard(): Promise<void> {
  // The first turn may end a round of events that began before.
  for (let turn = 0; turn < 2; turn += 1) await new Promise<void>((resolve) => void setImmediate(resolve));
}

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
