/** A wait with a time limit. */
import type { Clock } from '../clock.ts';

/** Rejects with what `late` makes when the time is over; what the promise does after that is ignored. */
export function inTime<T>(clock: Clock, ms: number, wait: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(late()));
    wait.then(resolve, reject).finally(cancel);
  });
}
