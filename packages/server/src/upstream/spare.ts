/**
 * One opened connection that nobody has used. It is watched and kept as it is until it is taken, once, or ended; when and by whom, spare-pool.ts
 * decides.
 */
import { Socket } from 'node:net';
import { NORMAL_CLOSURE } from '../contract/index.ts';
import { GatheredBytes } from '../gathered-bytes.ts';
import { FirstFrames } from '../leg/first-frames.ts';
import { createRawLeg } from '../leg/raw-leg.ts';
import type { OpenedUpstream } from './open-upstream.ts';

/** What a provider may say before there is a session, such as a greeting. */
export const MOST_FIRST_BYTES = 16_384;

export class Spare {
  readonly #opened: OpenedUpstream;
  readonly #frames = new FirstFrames(MOST_FIRST_BYTES);
  readonly #said = new GatheredBytes();
  readonly #onSpoilt: () => void;
  #isGood = true;
  #isEnded = false;

  /** `onSpoilt` is called once, later, when the connection is not worth having any more and was not taken. */
  constructor(opened: OpenedUpstream, onSpoilt: () => void) {
    this.#opened = opened;
    this.#onSpoilt = onSpoilt;
    const { socket, head, reads } = opened;
    if (socket.destroyed || socket.readableEnded) this.#isGood = false;
    socket.on('end', this.#spoil);
    socket.on('close', this.#spoil);
    this.#keep(head);
    this.#keep(reads.takeWaiting());
    reads.reader = this.#onRead;
    socket.resume();
    if (socket instanceof Socket) socket.unref();
  }

  /** Whether it is worth having, by all that is known of it. */
  get isGood(): boolean {
    return this.#isGood;
  }

  /** Hands it over, with all that the provider has said. It is not watched any more. */
  take(): OpenedUpstream {
    this.#leave();
    const { socket, reads } = this.#opened;
    if (socket instanceof Socket) socket.ref();
    return { socket, reads, head: Buffer.concat(this.#said.take()) };
  }

  /** Says goodbye, so that the provider counts no longer, and waits for nothing. Safe to call twice, not after `take`. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#leave();
    const { socket } = this.#opened;
    createRawLeg({ ...this.#opened, role: 'upstream', maxMessageBytes: 0 }).close(NORMAL_CLOSURE);
    socket.end(() => socket.destroy());
  }

  #leave(): void {
    const { socket, reads } = this.#opened;
    reads.reader = undefined;
    socket.off('end', this.#spoil);
    socket.off('close', this.#spoil);
  }

  readonly #onRead = (bytes: Buffer): boolean => {
    const isCopied = this.#keep(bytes);
    if (!this.#isGood) this.#spoil();
    return isCopied;
  };

  /** True when the bytes are not needed any more. */
  #keep(bytes: Buffer): boolean {
    if (bytes.length > 0) this.#isGood &&= this.#frames.mayGoOn(bytes);
    return this.#said.add(bytes);
  }

  readonly #spoil = (): void => {
    this.#isGood = false;
    this.#leave();
    this.#onSpoilt();
  };
}
