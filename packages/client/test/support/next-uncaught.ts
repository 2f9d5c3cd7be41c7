/** Catches the next error that nobody catches, in place of the test runner, which would fail for it. */
import { onTestFinished } from 'vitest';
import { withDeadline } from './with-deadline.ts';

export function nextUncaught(): Promise<unknown> {
  const runners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const runner of runners) process.on('uncaughtException', runner);
  });
  return withDeadline('an uncaught error', (resolve) => process.once('uncaughtException', resolve));
}
