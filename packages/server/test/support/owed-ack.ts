/** When an end of session mode acknowledges (PROTOCOL.md 8): in time after it took something, or at once after many bytes. */
import type { HelloFrame } from '../../src/contract/session-frames.ts';
import { after } from '../../src/testing/changes.ts';

export class OwedAck {
  readonly #pay: () => void;
  #bytes = 0;
  #cancel: (() => void) | undefined;

  constructor(pay: () => void) {
    this.#pay = pay;
  }

  /** A message of so many bytes was taken. */
  took(bytes: number, { ack_ms, ack_bytes }: Pick<HelloFrame, 'ack_ms' | 'ack_bytes'>): void {
    this.#bytes += bytes;
    this.#cancel ??= after(ack_ms, () => this.#due());
    if (this.#bytes >= ack_bytes) this.#due();
  }

  /** Nothing is owed any more: the connection on which it was to be said is gone. */
  forget(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#bytes = 0;
  }

  #due(): void {
    this.forget();
    this.#pay();
  }
}
