/** How loud both sides are, told to those who draw it; thinned, and kept out of snapshots. */
import type { Scheduler } from '../connection/scheduler.ts';
import { Emitter } from '../emitter.ts';
import { Pulse } from './pulse.ts';

const INTERVAL_MS = 1000 / 30;

export class Levels {
  readonly #current = { input: 0, output: 0 };
  readonly #emitter = new Emitter<{ level: { readonly input: number; readonly output: number } }>();
  readonly #pulse: Pulse;

  constructor(scheduler: Scheduler) {
    this.#pulse = new Pulse(scheduler, INTERVAL_MS, () => this.#emitter.emit('level', this.#current));
  }

  /** Takes a loudness (RMS, 0..1). */
  set(name: 'input' | 'output', level: number): void {
    if (this.#current[name] === level) return;
    this.#current[name] = level;
    this.#pulse.changed();
  }

  /** At most 30 calls a second. Returns the function that ends them. */
  listen(listener: (input: number, output: number) => void): () => void {
    return this.#emitter.on('level', ({ input, output }) => listener(input, output));
  }

  stop(): void {
    this.#pulse.stop();
  }
}
