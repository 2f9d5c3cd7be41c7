/** Follows how loud the background is, from block levels in dBFS. Does not decide what is speech. */

const QUIETEST_DB = -75;
const LOUDEST_FIRST_GUESS_DB = -45;
const WINDOW_BLOCKS = 300;

/** The level of a block in dBFS: 0 for a full-scale square wave, -Infinity for digital silence. */
export function levelOf(block: Int16Array): number {
  let energy = 0;
  for (const sample of block) energy += sample * sample;
  return 10 * Math.log10(energy / block.length / 32768 ** 2);
}

export class NoiseFloor {
  #floorDb: number | undefined;
  #quietestOfWindow = Infinity;
  #blocksInWindow = 0;

  /** Takes the next block's level and returns the floor. It falls at once, and rises to the quietest block of each full window. */
  observe(levelDb: number): number {
    const level = Math.max(QUIETEST_DB, levelDb);
    const floor = this.#floorDb ?? Math.min(level, LOUDEST_FIRST_GUESS_DB);
    this.#floorDb = level < floor ? (floor + level) / 2 : floor;
    this.#quietestOfWindow = Math.min(this.#quietestOfWindow, level);
    this.#blocksInWindow += 1;
    if (this.#blocksInWindow === WINDOW_BLOCKS) {
      // Speech has a pause in any window this long; a steady noise has none, and so stops counting as speech.
      this.#floorDb = Math.max(this.#floorDb, this.#quietestOfWindow);
      this.#quietestOfWindow = Infinity;
      this.#blocksInWindow = 0;
    }
    return this.#floorDb;
  }
}
