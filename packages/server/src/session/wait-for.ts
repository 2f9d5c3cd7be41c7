/** A wait that ends: by its result, by a time limit, or because nobody is waiting any more. */
import type { Clock } from '../clock.ts';
import type { StopSignal } from '../stop-signal.ts';

export type Waited<T> =
  { readonly value: T } | { readonly failed: 'timeout' | 'aborted' | 'rejected'; readonly cause?: unknown };

/** Never rejects. What the promise does after the wait is ignored. */
export function waitFor<T>(
  promise: Promise<T>,
  clock: Clock,
  ms: number,
  signal: StopSignal,
): Promise<Waited<T>> {
  return new Promise((resolve) => {
    const settle = (result: Waited<T>): void => {
      cancel();
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    const onAbort = (): void => settle({ failed: 'aborted' });
    const cancel = clock.after(ms, () => settle({ failed: 'timeout' }));
    if (signal.aborted) settle({ failed: 'aborted' });
    else signal.addEventListener('abort', onAbort);
    promise.then(
      (value) => settle({ value }),
      (cause: unknown) => settle({ failed: 'rejected', cause }),
    );
  });
}
