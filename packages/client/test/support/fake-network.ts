/** A network that a test switches on and off. */
import type { Network, NetworkChange } from '../../src/connection/network.ts';

export class FakeNetwork implements Network {
  readonly listeners = new Set<(change: NetworkChange) => void>();
  #isOnline = true;

  isOnline(): boolean {
    return this.#isOnline;
  }

  watch(listener: (change: NetworkChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(change: NetworkChange): void {
    if (change !== 'wake') this.#isOnline = change === 'online';
    for (const listener of [...this.listeners]) listener(change);
  }
}
