/** Runs tasks one after the other, in order, with a bound on how many wait. Ends no task that has begun. */
import { untilAborted } from './until-aborted.ts';

export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

export class SerialQueue {
  readonly #maxTasks: number;
  #tasks = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(maxTasks: number) {
    this.#maxTasks = maxTasks;
  }

  /** Settles as `task` does. Rejects with QueueFull when too many wait, and with the signal's reason once aborted. */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#tasks >= this.#maxTasks)
      return Promise.reject(new QueueFull(`more than ${this.#maxTasks} waiting`));
    this.#tasks += 1;
    const turn = this.#last.then(() => {
      signal.throwIfAborted();
      return task();
    });
    const leave = (): void => {
      this.#tasks -= 1;
    };
    this.#last = turn.then(leave, leave);
    return untilAborted(turn, signal);
  }

  /** Resolves when all that has been asked for so far has ended. */
  async ended(): Promise<void> {
    await this.#last;
  }
}
