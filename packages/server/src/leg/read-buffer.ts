/**
 * Reads a socket into memory of its own, which is used again as soon as nobody needs what was read. Node makes new memory for
 * each read of a socket without it.
 */

/** Takes what was read. Returns true when the bytes are not needed any more, so that their memory may be written over. */
export type ReadBytes = (bytes: Buffer) => boolean;

/** Room for a frame of 40 ms of speech at 24 kHz. Each session has at least this. */
const SMALLEST_BYTES = 2_048;
/** What Node reads at once at most. */
const LARGEST_BYTES = 65_536;
/** From the smallest to the largest in a few steps. */
const STEP = 4;
const MOST_WAITING_BYTES = 16_384;
/** After so many reads that would have fitted into less memory, less is taken. */
const READS_UNTIL_LESS = 32;

export class ReadBuffer {
  /** How much is taken at once, and what of the last taken is not needed by anybody. */
  #size = SMALLEST_BYTES;
  #memory: Buffer = Buffer.allocUnsafeSlow(SMALLEST_BYTES);
  #small = 0;
  #read: ReadBytes | undefined;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;

  /** The option of that name of `net.connect` and `tls.connect`. */
  readonly onread = {
    buffer: (): Buffer => this.#memory,
    // The socket reads on after `true`, and otherwise once it is resumed.
    callback: (count: number): boolean => {
      this.#onRead(count);
      return this.#waitingBytes < MOST_WAITING_BYTES;
    },
  };

  /**
   * Sets who takes what is read. Without anybody a little is read all the same, and waits: so a connection that is lost is
   * noticed. The socket may have to be resumed when somebody is there again.
   */
  set reader(read: ReadBytes | undefined) {
    this.#read = read;
  }

  /** What was read while there was no reader; to be taken before there is one again. */
  takeWaiting(): Buffer {
    this.#waitingBytes = 0;
    return Buffer.concat(this.#waiting.splice(0));
  }

  #onRead(count: number): void {
    const memory = this.#memory;
    const bytes = memory.subarray(0, count);
    const isFree = this.#read ? this.#read(bytes) : this.#keep(bytes);
    const size = this.#nextSize(count, memory.length);
    const rest = isFree ? memory : memory.subarray(count);
    // A short read that somebody keeps must not keep all of the memory; too little room would tear frames into many reads.
    this.#memory = size === this.#size && rest.length >= size / 2 ? rest : Buffer.allocUnsafeSlow(size);
    this.#size = size;
  }

  #keep(bytes: Buffer): boolean {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    return false;
  }

  #nextSize(count: number, room: number): number {
    const size = this.#size;
    this.#small = count <= size / STEP ? this.#small + 1 : 0;
    if (count === room) return Math.min(size * STEP, LARGEST_BYTES);
    if (this.#small < READS_UNTIL_LESS) return size;
    this.#small = 0;
    return Math.max(size / STEP, SMALLEST_BYTES);
  }
}
