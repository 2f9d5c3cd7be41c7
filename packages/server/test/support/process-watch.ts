/** Watches the test process while something is done to it: what nobody caught, and timers left behind. */
import { createHook } from 'node:async_hooks';
import { eventually } from './eventually.ts';
import type { TestCleanup } from './test-cleanup.ts';

export interface ProcessWatch {
  /** Rejections and exceptions that nobody caught. */
  readonly uncaught: readonly unknown[];
  /** Resolves when every timer set since the start has run or is cleared; rejects if some stay. */
  timersSettled(patienceMs?: number): Promise<void>;
}

export function watchProcess(test: TestCleanup): ProcessWatch {
  const uncaught: unknown[] = [];
  const note = (reason: unknown): void => void uncaught.push(reason);
  process.on('unhandledRejection', note);
  process.on('uncaughtExceptionMonitor', note);
  const timers = watchTimers();
  test.onTestFinished(() => {
    process.off('unhandledRejection', note);
    process.off('uncaughtExceptionMonitor', note);
    timers.stop();
  });
  return {
    uncaught,
    timersSettled: (patienceMs) =>
      eventually(
        () => timers.pending() === 0,
        () => `${timers.pending()} timers of the process to end`,
        patienceMs,
      ),
  };
}

/**
 * Follows each timer by itself. The number of active resources would not do: timers of the test runner come and go in
 * it, and one that goes would hide one that is left.
 */
function watchTimers(): { pending(): number; stop(): void } {
  const timers = new Map<number, NodeJS.Timeout>();
  const hook = createHook({
    init(id, type, _trigger, resource) {
      if (type === 'Timeout') timers.set(id, resource as NodeJS.Timeout);
    },
    destroy(id) {
      timers.delete(id);
    },
  });
  hook.enable();
  return {
    // Timers that do not keep the process alive, such as those of node:http, end with what they belong to.
    pending: () => [...timers.values()].filter((timer) => timer.hasRef()).length,
    stop: () => void hook.disable(),
  };
}
