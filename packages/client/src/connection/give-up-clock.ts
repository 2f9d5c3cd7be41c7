/** Counts the time spent on trying to connect and calls once when it is used up; who pauses it decides what counts as trying. */
import type { Scheduler } from './scheduler.ts';

export class GiveUpClock {
  readonly #limitMs: number;
  readonly #scheduler: Scheduler;
  readonly #giveUp: () => void;
  #spentMs = 0;
  #startedAt: number | undefined;
  #cancel: (() => void) | undefined;

  /** `limitMs` may be Infinity. The clock starts paused. */
  constructor(limitMs: number, scheduler: Scheduler, giveUp: () => void) {
    this.#limitMs = limitMs;
    this.#scheduler = scheduler;
    this.#giveUp = giveUp;
  }

  /** Does nothing when it runs already. */
  run(): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = this.#scheduler.now();
    this.#cancel = this.#scheduler.after(Math.max(0, this.#limitMs - this.#spentMs), this.#giveUp);
  }

  pause(): void {
    if (this.#startedAt === undefined) return;
    this.#spentMs += this.#scheduler.now() - this.#startedAt;
    this.#startedAt = undefined;
    this.#cancel?.();
  }

  /** Stops, and forgets the time that was spent. */
  reset(): void {
    this.pause();
    this.#spentMs = 0;
  }
}
