/**
 * Frames that say whose they are: session, direction, number and length, with a body that belongs to these alone. Kind, size
 * and fragments follow from the seed, so that whoever reads knows what must come, and names what went wrong.
 */
import type { MockFrame } from '../../src/testing/message-reader.ts';
import { createRandom, type SeededRandom } from '../support/seeded-random.ts';

export type Direction = 'up' | 'down';

/** Which stream a frame belongs to. */
export interface Stream {
  readonly seed: number;
  readonly session: number;
  readonly direction: Direction;
  /** The longest frame, in bytes. */
  readonly mostBytes: number;
}

export interface Stamped {
  readonly message: MockFrame;
  /** Where its fragments begin. */
  readonly cuts: readonly number[];
}

/** Bodies are slices of these: cheap to make and, compared as bytes, cheap to verify. */
const POOL_BYTES = 1_048_576;
const POOLS = { text: makePool((byte) => 32 + (byte % 95)), binary: makePool((byte) => byte) } as const;
/** A shorter frame has no room for the stamp and is told by its place alone. */
const LEAST_STAMPED = 40;

function makePool(toByte: (byte: number) => number): Buffer {
  const random = createRandom(1);
  return Buffer.from(Uint8Array.from({ length: POOL_BYTES }, () => toByte(Math.floor(random.next() * 256))));
}

/** Frame `number` of a stream, always the same. */
export function stampedFrame(stream: Stream, number: number): Stamped {
  const random = createRandom(stream.seed).fork(`${stream.session}/${stream.direction}/${number}`);
  const bytes = Math.min(sizeOf(random), stream.mostBytes);
  const kind = random.chance(0.5) ? 'text' : 'binary';
  const from = random.int(0, POOL_BYTES - bytes);
  const body = POOLS[kind].subarray(from, from + bytes);
  if (bytes < LEAST_STAMPED) return { message: { kind, payload: body }, cuts: cutsOf(random, bytes) };
  const payload = Buffer.from(body);
  payload.write(`<${stream.session}.${stream.direction}.${number}.${bytes}>`);
  return { message: { kind, payload }, cuts: cutsOf(random, bytes) };
}

function sizeOf(random: SeededRandom): number {
  const draw = random.next();
  if (draw < 0.05) return 0;
  if (draw < 0.6) return random.int(1, 2_000);
  if (draw < 0.9) return random.int(2_000, 20_000);
  if (draw < 0.98) return random.int(20_000, 60_000);
  return random.int(60_000, 300_000);
}

function cutsOf(random: SeededRandom, bytes: number): number[] {
  if (random.chance(0.8)) return [];
  const cuts = Array.from({ length: random.int(1, 4) }, () => random.int(0, bytes));
  return cuts.toSorted((one, other) => one - other);
}

const STAMP = /^<(\d+)\.(up|down)\.(\d+)\.(\d+)>/;

/** What went wrong in a stream, counted. */
export interface Wrongs {
  foreign: number;
  lost: number;
  repeated: number;
  reordered: number;
  changed: number;
}

export const noWrongs = (): Wrongs => ({ foreign: 0, lost: 0, repeated: 0, reordered: 0, changed: 0 });

/** Judges the frames of one stream in the order in which they came. */
export class StampJudge {
  readonly wrongs = noWrongs();
  bytes = 0;
  frames = 0;
  readonly #stream: Stream;
  readonly #missing = new Set<number>();
  #next = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** The number of the frame that must come next. */
  get next(): number {
    return this.#next;
  }

  take(message: MockFrame): void {
    this.frames += 1;
    this.bytes += message.payload.length;
    if (isSame(message, stampedFrame(this.#stream, this.#next).message)) this.#next += 1;
    else this.#takeOther(message);
  }

  /** To be told once nothing more comes: how many frames there were. */
  end(count: number): void {
    this.wrongs.lost += this.#missing.size + Math.max(0, count - this.#next);
  }

  #takeOther(message: MockFrame): void {
    const [, session, direction, digits] =
      STAMP.exec(message.payload.toString('latin1', 0, LEAST_STAMPED)) ?? [];
    if (
      session !== undefined &&
      (Number(session) !== this.#stream.session || direction !== this.#stream.direction)
    ) {
      this.wrongs.foreign += 1;
      return;
    }
    const number = digits === undefined ? this.#numberOf(message) : Number(digits);
    if (number === undefined || number === this.#next) {
      this.wrongs.changed += 1;
      this.#next += 1;
    } else if (number < this.#next) {
      if (this.#missing.delete(number)) this.wrongs.reordered += 1;
      else this.wrongs.repeated += 1;
    } else {
      for (let gap = this.#next; gap < number; gap += 1) this.#missing.add(gap);
      this.#next = number + 1;
    }
  }

  /** Frames without a stamp are looked for nearby. */
  #numberOf(message: MockFrame): number | undefined {
    const near = [1, 2, 3, 4].flatMap((steps) => [this.#next + steps, this.#next - steps]);
    return near.find((number) => number >= 0 && isSame(message, stampedFrame(this.#stream, number).message));
  }
}

const isSame = (one: MockFrame, other: MockFrame): boolean =>
  one.kind === other.kind && one.payload.equals(other.payload);
