/**
 * What goes up: held until the agent is ready, then sent in order. Both kinds have a budget; the newest audio is
 * worth most, so the oldest goes first, while a message is never dropped but refused. Knows no socket.
 */

export interface UplinkOptions {
  /** Puts one frame on the open connection. */
  readonly send: (frame: string | Uint8Array<ArrayBuffer>) => void;
  /** Told of the bytes of audio that the budget dropped. */
  readonly onDropped: (bytes: number) => void;
  readonly maxAudioBytes: number;
  readonly maxMessages: number;
}

export class Uplink {
  readonly #options: UplinkOptions;
  #held: (string | Uint8Array<ArrayBuffer>)[] = [];
  #heldBytes = 0;
  #heldMessages = 0;
  #isOpen = false;

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  /** Sends what was held, then lets everything through. */
  open(): void {
    const held = this.#held;
    this.clear();
    this.#isOpen = true;
    for (const frame of held) this.#options.send(frame);
  }

  /** Holds from now on. */
  hold(): void {
    this.#isOpen = false;
  }

  /** Forgets what was held. */
  clear(): void {
    this.#held = [];
    this.#heldBytes = this.#heldMessages = 0;
  }

  /** False when the budget for held messages is spent; the message is not kept then. */
  sendMessage(text: string): boolean {
    if (this.#isOpen) this.#options.send(text);
    else if (this.#heldMessages >= this.#options.maxMessages) return false;
    else {
      this.#heldMessages++;
      this.#held.push(text);
    }
    return true;
  }

  sendAudio(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#isOpen) return this.#options.send(frame);
    this.#held.push(frame);
    this.#heldBytes += frame.byteLength;
    if (this.#heldBytes > this.#options.maxAudioBytes) this.#dropOldest();
  }

  #dropOldest(): void {
    let dropped = 0;
    this.#held = this.#held.filter((frame) => {
      if (typeof frame === 'string' || this.#heldBytes - dropped <= this.#options.maxAudioBytes) return true;
      dropped += frame.byteLength;
      return false;
    });
    this.#heldBytes -= dropped;
    this.#options.onDropped(dropped);
  }
}
