/** Waiting with an end, for scenarios. */
import { after, Changes } from '../../src/testing/changes.ts';

/** The same promise, rejected when it takes longer. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = after(ms, () => reject(new Error(`${what} took longer than ${ms} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}

/** Resolves when a count has not changed for `stillMs`; rejects at the deadline. */
export async function untilStill(count: () => number, stillMs: number, deadlineMs = 30_000): Promise<void> {
  const changes = new Changes();
  let [last, sinceMs] = [count(), Date.now()];
  const look = setInterval(() => changes.notify(), 20);
  const probe = (): true | undefined => {
    if (count() !== last) [last, sinceMs] = [count(), Date.now()];
    return Date.now() - sinceMs >= stillMs || undefined;
  };
  try {
    await changes.wait({ probe, what: () => 'a count to stand still' }, { deadlineMs });
  } finally {
    clearInterval(look);
  }
}

/** Runs every item, so many at once; the first failure ends it when those that run have ended. */
export async function inLanes<T>(
  lanes: number,
  items: Iterable<T>,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = left.next(); !next.done; next = left.next()) await run(next.value);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
