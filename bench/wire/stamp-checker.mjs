/** Judges the stamps of one direction of one session: every frame once, in order, whole and of this session. */

export const FAULTS = ['lost', 'repeated', 'reordered', 'foreign', 'torn', 'refused', 'ended'];

/** A count for each fault. */
export const noFaults = () => Object.fromEntries(FAULTS.map((fault) => [fault, 0]));

/** @returns how many faults there are of any kind */
export const sumOfFaults = (faults) => FAULTS.reduce((sum, fault) => sum + (faults[fault] ?? 0), 0);

export class StampChecker {
  #session;
  #size;
  #next = 0;
  #missing = new Set();

  /**
   * @param {number} session the only one whose frames may come
   * @param {number} size of each payload
   * @param faults where to count; may be shared
   */
  constructor(session, size, faults) {
    this.#session = session;
    this.#size = size;
    this.faults = faults;
  }

  /** Counts one fault, or none. @param frame with session, sequence, tail and size */
  take({ session, sequence, tail, size }) {
    if (size !== this.#size || tail !== sequence) this.faults.torn += 1;
    else if (session !== this.#session) this.faults.foreign += 1;
    else if (sequence === this.#next) this.#next += 1;
    else if (sequence > this.#next) this.#skipTo(sequence);
    else if (this.#missing.delete(sequence)) {
      this.faults.lost -= 1;
      this.faults.reordered += 1;
    } else this.faults.repeated += 1;
  }

  /** A gap is a loss until what is missing comes after all. */
  #skipTo(sequence) {
    this.faults.lost += sequence - this.#next;
    for (let missed = this.#next; missed < Math.min(sequence, this.#next + 1000); missed += 1)
      this.#missing.add(missed);
    this.#next = sequence + 1;
  }
}
