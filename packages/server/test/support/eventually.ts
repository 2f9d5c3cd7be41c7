/**
 * Waits for a state that nobody announces, such as a count in the code under test falling to zero. It looks once a turn
 * of the event loop and sets no timer, so that timers can be counted by it.
 */
export const DEFAULT_PATIENCE_MS = 2000;

/** Resolves when `probe` returns true; rejects after `patienceMs` with what it was waiting for. */
export async function eventually(
  probe: () => boolean | Promise<boolean>,
  what: () => string,
  patienceMs = DEFAULT_PATIENCE_MS,
): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!(await probe())) {
    if (Date.now() > endMs) throw new Error(`waited ${patienceMs} ms for ${what()}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
