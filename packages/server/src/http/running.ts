/** The requests that are being answered: lets them end by a grace, then stops them. */
import { socketsHeard, type Clock } from '../clock.ts';

export interface Running {
  readonly size: number;
  /** Returns how to forget it. */
  add(stop: () => void): () => void;
  /** Resolves when none is left, or when the grace is over and the rest was stopped. */
  drain(graceMs: number): Promise<void>;
  /** Stops all at once. Resolves when clients that listen have been told. */
  stop(): Promise<void>;
}

export function createRunning(clock: Clock): Running {
  const stops = new Set<() => void>();
  const waiting: (() => void)[] = [];
  const stopAll = (): Promise<void> => {
    for (const stop of stops) stop();
    return socketsHeard();
  };
  return {
    get size() {
      return stops.size;
    },
    add(stop) {
      stops.add(stop);
      return () => {
        stops.delete(stop);
        if (stops.size === 0) for (const tell of waiting.splice(0)) tell();
      };
    },
    async drain(graceMs) {
      if (stops.size === 0) return;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(graceMs, () => {
          void stopAll().then(resolve);
        });
        waiting.push(() => {
          cancel();
          resolve();
        });
      });
    },
    stop: stopAll,
  };
}
