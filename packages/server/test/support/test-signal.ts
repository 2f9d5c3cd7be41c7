/** Something that happens once in code under test, for a test to wait for. */
import { Changes } from '../../src/testing/changes.ts';

export interface TestSignal {
  /** It happens; returns what it was given, so that it fits into an expression. */
  tell<T>(passed: T): T;
  /** Resolves once it has happened; rejects at the deadline of all waits. */
  told(): Promise<void>;
}

export function createTestSignal(): TestSignal {
  const changes = new Changes();
  let hasHappened = false;
  return {
    tell(passed) {
      hasHappened = true;
      changes.notify();
      return passed;
    },
    async told() {
      await changes.wait({ probe: () => hasHappened || undefined, what: () => 'what the test waits for' });
    },
  };
}
