/** Calls back whenever nothing was sent for a while, so that the upstream does not take silence for absence. */
import type { Scheduler } from '../connection/scheduler.ts';

export class KeepAlive {
  readonly #scheduler: Scheduler;
  readonly #afterMs: number;
  readonly #onSilence: () => void;
  #lastSentAt = 0;
  #cancel: (() => void) | undefined;

  constructor(scheduler: Scheduler, afterMs: number, onSilence: () => void) {
    this.#scheduler = scheduler;
    this.#afterMs = afterMs;
    this.#onSilence = onSilence;
  }

  start(): void {
    this.stop();
    this.sent();
    this.#wait(this.#afterMs);
  }

  /** To be called for every frame; costs no timer. */
  sent(): void {
    this.#lastSentAt = this.#scheduler.now();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #wait(ms: number): void {
    this.#cancel = this.#scheduler.after(ms, () => {
      const left = this.#lastSentAt + this.#afterMs - this.#scheduler.now();
      if (left <= 0) this.#onSilence();
      this.#wait(left > 0 ? left : this.#afterMs);
    });
  }
}
