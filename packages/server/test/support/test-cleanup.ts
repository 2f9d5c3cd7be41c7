/** What a helper needs of the test that uses it, to undo what it did. A Vitest context is one. */
export interface TestCleanup {
  onTestFinished(run: () => unknown): void;
}
