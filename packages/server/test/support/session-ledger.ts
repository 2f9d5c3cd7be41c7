/**
 * The book that a client of session mode keeps (PROTOCOL.md 8): what it sent and took, and the messages that the server has
 * not acknowledged. It knows no socket. Whatever the server counts wrongly is thrown, never put right.
 */
import type { MockFrame } from '../../src/testing/message-reader.ts';

/** A message of the application with the fragments in which it travels. */
export interface KeptMessage {
  readonly message: MockFrame;
  readonly cuts: readonly number[];
}

export class SessionLedger {
  /** Messages of the server that were taken. */
  received = 0;
  /** Messages that the application has given. */
  sent = 0;
  /** Messages that the server says to have. */
  acknowledged = 0;
  #kept: KeptMessage[] = [];
  #keptBytes = 0;

  get keptBytes(): number {
    return this.#keptBytes;
  }

  get keptMessages(): number {
    return this.#kept.length;
  }

  keep(kept: KeptMessage): void {
    this.sent += 1;
    this.#kept.push(kept);
    this.#keptBytes += kept.message.payload.length;
  }

  /** Forgets what the server has. @throws Error for a count that cannot be. */
  acknowledge(received: unknown): void {
    if (typeof received !== 'number' || !Number.isSafeInteger(received))
      throw new Error(`the server acknowledged ${JSON.stringify(received)}`);
    if (received > this.sent) throw new Error(`the server acknowledged ${received} of ${this.sent} messages`);
    if (received < this.acknowledged)
      throw new Error(`the server acknowledged ${received} after ${this.acknowledged}`);
    const gone = this.#kept.splice(0, received - this.acknowledged);
    for (const { message } of gone) this.#keptBytes -= message.payload.length;
    this.acknowledged = received;
  }

  /** What is to be sent again, in order, after a resume. @throws Error for a count that cannot be. */
  resumeFrom(received: unknown): readonly KeptMessage[] {
    this.acknowledge(received);
    return [...this.#kept];
  }
}
