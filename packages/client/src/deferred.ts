/** A promise together with the functions that settle it. */

export interface Deferred {
  readonly promise: Promise<void>;
  readonly isSettled: boolean;
  resolve(): void;
  reject(reason: unknown): void;
}

/** Its rejection never counts as unhandled: whoever makes one also reports the reason by an event. */
export function createDeferred(): Deferred {
  let settle: [() => void, (reason: unknown) => void] | undefined;
  const promise = new Promise<void>((resolve, reject) => (settle = [resolve, reject]));
  promise.catch(() => {});
  let isSettled = false;
  const settleBy = (run: () => void) => {
    isSettled = true;
    run();
  };
  return {
    promise,
    get isSettled() {
      return isSettled;
    },
    resolve: () => settleBy(() => settle?.[0]()),
    reject: (reason) => settleBy(() => settle?.[1](reason)),
  };
}
