/** Holds scenarios until the mock is told to go on. A wait that is never released holds nothing but itself. */
export class Gate {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next `open()`. */
  opened(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.add(resolve));
  }

  open(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
