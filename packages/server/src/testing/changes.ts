/**
 * Waiting for something to become true, with a deadline. The owner of the state says when it changed; nothing polls.
 * Together with its delays this file is the only place of the testing kit that sets timers.
 */

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds until the wait is rejected. Default 4000, below the limit of most test runners; `Infinity` waits until the mock is closed. */
  readonly deadlineMs?: number;
  /** Ends the wait early with the signal's reason. */
  readonly signal?: AbortSignal;
}

const DEFAULT_DEADLINE_MS = 4000;

/** What to wait for. */
export interface Wait<T> {
  /** Undefined while it is not there yet. Called now and after every change. */
  readonly probe: () => T | undefined;
  /** Words for the error, such as `a session to open`. */
  readonly what: () => string;
}

export class Changes {
  readonly #checks = new Set<() => void>();
  readonly #cancels = new Set<(error: Error) => void>();
  #ended: Error | undefined;

  /** Lets every waiter look again. */
  notify(): void {
    for (const check of [...this.#checks]) check();
  }

  /** Rejects every waiter, present and future, that does not have what it waits for. */
  end(error: Error): void {
    this.#ended = error;
    for (const cancel of [...this.#cancels]) cancel(error);
  }

  /** Resolves with what the probe finds; rejects at the deadline, on abort, or when the owner has ended. */
  wait<T>({ probe, what }: Wait<T>, options: WaitOptions = {}): Promise<T> {
    const found = probe();
    if (found !== undefined) return Promise.resolve(found);
    if (this.#ended) return Promise.reject(new Error(`${this.#ended.message}; waited for ${what()}`));
    return new Promise<T>((resolve, reject) => {
      const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
      const fail = (error: Error): void => finish(() => reject(error));
      const cancelDeadline = after(deadlineMs, () =>
        fail(new Error(`waited ${deadlineMs} ms for ${what()}`)),
      );
      const onAbort = (): void => fail(toError(options.signal?.reason));
      const check = (): void => {
        const value = probe();
        if (value !== undefined) finish(() => resolve(value));
      };
      const finish = (settle: () => void): void => {
        cancelDeadline();
        this.#checks.delete(check);
        this.#cancels.delete(fail);
        options.signal?.removeEventListener('abort', onAbort);
        settle();
      };
      this.#checks.add(check);
      this.#cancels.add(fail);
      options.signal?.addEventListener('abort', onAbort);
      if (options.signal?.aborted) onAbort();
    });
  }
}

const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));

/** Runs once after `ms` milliseconds, never for `Infinity`. Returns its cancellation. */
export function after(ms: number, run: () => void): () => void {
  if (ms === Infinity) return () => {};
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
