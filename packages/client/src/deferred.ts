/** A promise together with the functions that settle it. */

export interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Its rejection never counts as unhandled: whoever makes one also reports the reason by an event. */
export function createDeferred(): Deferred {
  let deferred: Omit<Deferred, 'promise'> | undefined;
  const promise = new Promise<void>((resolve, reject) => (deferred = { resolve, reject }));
  promise.catch(() => {});
  return { ...deferred!, promise };
}
