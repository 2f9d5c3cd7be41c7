/** Ties steps that take time to the life of what they are for; the life is an AbortSignal. */

/** Unlike an abort listener alone, it also undoes what was made after the end. */
export function undoOn(signal: AbortSignal, undo: () => void): void {
  if (signal.aborted) undo();
  else signal.addEventListener('abort', undo);
}

/** Settles like the work, but rejects with the signal's reason as soon as it is aborted. */
export function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    undoOn(signal, abort);
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
