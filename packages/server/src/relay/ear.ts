/** Listens to one leg for the relay: data into the lane that leads away from it, the rest to where it belongs. */
import type { DataKind, Leg, LegClose, LegListener } from '../leg/leg.ts';
import { HOLD, type Lane } from './lane.ts';

export interface EarParts {
  readonly leg: Leg;
  /** The lane that reads this leg, and the one that writes to it. */
  readonly out: Lane;
  readonly back: Lane;
  /** One opened text; returns whether to go on at once. */
  onText(payload: Buffer): boolean;
  /** A pong; true when it answers a ping of our own and goes no further. */
  onPong(payload: Buffer): boolean;
  onClose(close: LegClose): void;
  onGone(): void;
}

export class Ear implements LegListener {
  readonly leg: Leg;
  /** Set when the leg was replaced: what it still has to tell concerns nobody. */
  isDeaf = false;
  readonly #parts: EarParts;
  readonly #out: Lane;

  constructor(parts: EarParts) {
    this.leg = parts.leg;
    this.#parts = parts;
    this.#out = parts.out;
  }

  onData(bytes: Buffer, kind: DataKind): boolean {
    return this.isDeaf || this.#out.pass(bytes, kind);
  }

  onMessageEnd(offset: number): void {
    this.#out.endMessage(offset);
  }

  onText(payload: Buffer): boolean {
    return this.isDeaf || this.#parts.onText(payload);
  }

  onPing(payload: Buffer, frame?: Buffer): void {
    if (this.isDeaf) return;
    // A provider may hang up on a session whose client is away if nobody answers.
    if (!this.#out.passControl('ping', payload, frame)) this.leg.pong(payload);
  }

  onPong(payload: Buffer, frame?: Buffer): void {
    if (!this.isDeaf && !this.#parts.onPong(payload)) this.#out.passControl('pong', payload, frame);
  }

  onBoundary(): void {
    if (!this.isDeaf) this.#out.atBoundary();
  }

  onDrain(): void {
    if (this.isDeaf) return;
    this.#parts.back.drained();
    this.#out.go(HOLD.unread);
  }

  onClose(close: LegClose): void {
    if (this.isDeaf) return;
    this.#out.sourceEnded();
    this.#parts.onClose(close);
  }

  onGone(): void {
    if (!this.isDeaf) this.#parts.onGone();
  }
}
