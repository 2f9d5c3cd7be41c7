/** Thins a stream of changes: the first is told at once, those that follow at most once per interval, none is lost. */
import type { Scheduler } from '../connection/scheduler.ts';

export class Pulse {
  readonly #scheduler: Scheduler;
  readonly #intervalMs: number;
  readonly #tell: () => void;
  #isDue = false;
  #cancel: (() => void) | undefined;

  constructor(scheduler: Scheduler, intervalMs: number, tell: () => void) {
    this.#scheduler = scheduler;
    this.#intervalMs = intervalMs;
    this.#tell = tell;
  }

  changed(): void {
    this.#isDue = true;
    if (!this.#cancel) this.#beat();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#isDue = false;
  }

  #beat(): void {
    this.#cancel = undefined;
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#cancel = this.#scheduler.after(this.#intervalMs, () => this.#beat());
    this.#tell();
  }
}
