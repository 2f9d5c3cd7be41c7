/** A wait that has an end: its time, and that of what it is for. */
import type { Clock } from '../clock.ts';

export interface WaitLimits {
  readonly ms: number;
  /** What the wait rejects with when its time is over. */
  readonly late: () => Error;
  /** When it aborts, the wait rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What the promise does after the end of the wait is ignored. */
export function inTime<T>(clock: Clock, wait: Promise<T>, { ms, late, signal }: WaitLimits): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error): void => {
      end();
      reject(error);
    };
    const onAbort = (): void => fail(signal?.reason as Error);
    const cancel = clock.after(ms, () => fail(late()));
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort);
    wait.then(resolve, reject).finally(end);
  });
}
