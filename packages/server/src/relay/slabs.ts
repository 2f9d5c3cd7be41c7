/** Pieces of memory of one size that are used again and again: freed ones of the old generation would wait for a full collection. */

export class Slabs {
  readonly bytes: number;
  readonly #mostSpare: number;
  readonly #spare: Buffer[] = [];

  constructor(bytes: number, mostSpare: number) {
    this.bytes = bytes;
    this.#mostSpare = mostSpare;
  }

  /** Memory that holds whatever was in it. */
  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.bytes);
  }

  /** Nothing may refer to it any more. */
  giveBack(slab: Buffer): void {
    if (this.#spare.length < this.#mostSpare) this.#spare.push(slab);
  }
}
