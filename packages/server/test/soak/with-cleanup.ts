/** Gives a piece of work what tests give to helpers, and undoes what they did when it is over. */
import type { TestCleanup } from '../support/test-cleanup.ts';

export async function withCleanup<T>(work: (test: TestCleanup) => Promise<T>): Promise<T> {
  const undo: (() => unknown)[] = [];
  try {
    return await work({ onTestFinished: (run) => undo.unshift(run) });
  } finally {
    for (const run of undo) await run();
  }
}
