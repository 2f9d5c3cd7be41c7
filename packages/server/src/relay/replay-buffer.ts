/**
 * What was passed to a client and not yet acknowledged, so that it can be sent again on another connection. It knows at
 * which byte each message ends.
 */
import type { DataKind } from '../leg/leg.ts';
import { KeptBytes } from './kept-bytes.ts';
import { Slabs } from './slabs.ts';

const SLAB_BYTES = 8_192;
const MOST_SPARE_SLABS = 512;

/** Bytes that all sessions of a proxy may hold together. */
export class ReplayPool {
  readonly slabs = new Slabs(SLAB_BYTES, MOST_SPARE_SLABS);
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }
}

/** Ended messages of which an end is known for each; older ones are dropped in blocks, not one by one. */
const COMPACT_AT = 256;

export class ReplayBuffer {
  readonly #maxBytes: number;
  readonly #pool: ReplayPool;
  readonly #kept: KeptBytes;
  /** Bytes taken so far; those from `#heldFrom` on are held. */
  #total = 0;
  #heldFrom = 0;
  /** `#ends[i]` is the byte behind message `#firstEnd + i`, messages counted from 1. */
  #ends: number[] = [];
  #firstEnd = 1;
  #sent = 0;
  #acknowledged = 0;
  /** The last message that cannot be sent again; 0 when there is none. */
  #lostUpTo = 0;
  /** Bytes before this place belong to messages that are given up. */
  #keepFrom = 0;

  constructor(maxBytes: number, pool: ReplayPool) {
    this.#maxBytes = maxBytes;
    this.#pool = pool;
    this.#kept = new KeptBytes(pool.slabs);
  }

  /** Messages that were passed whole. */
  get sent(): number {
    return this.#sent;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get heldBytes(): number {
    return this.#total - this.#heldFrom;
  }

  /** True when nothing more should be taken before something is acknowledged. */
  get isFull(): boolean {
    const { heldBytes } = this;
    return heldBytes > 0 && (heldBytes >= this.#maxBytes || this.#pool.isFull);
  }

  /** A message ends `offset` bytes into what is taken next. */
  endMessage(offset: number): void {
    this.#sent += 1;
    this.#ends.push(this.#total + offset);
    if (this.#sent === this.#lostUpTo) this.#keepFrom = this.#total + offset;
  }

  /** Bytes of frames as they stood on the wire. True when their memory is not needed any more. */
  take(bytes: Buffer): boolean {
    const start = this.#add(bytes.length);
    const skipped = start - (this.#total - bytes.length);
    if (skipped >= bytes.length) return true;
    return this.#kept.append(skipped > 0 ? bytes.subarray(skipped) : bytes, start);
  }

  /** One whole message. It counts a byte more than its payload, as with a header, so that an empty one has a place too. */
  takeMessage(payload: Buffer, kind: DataKind): void {
    this.endMessage(payload.length + 1);
    const start = this.#add(payload.length + 1);
    if (start < this.#total) this.#kept.appendWhole(payload, kind, start, this.#total);
  }

  /** The peer has all messages up to this count. False for a count that cannot be. */
  acknowledge(count: number): boolean {
    if (!this.mayHave(count)) return false;
    this.#acknowledged = count;
    this.#release(this.#endOf(count));
    this.#compact();
    return true;
  }

  /** Gives up what is held, since it cannot be held any longer; passing goes on. */
  giveUp(): void {
    const isOpen = this.#total > this.#endOf(this.#sent);
    this.#lostUpTo = this.#sent + (isOpen ? 1 : 0);
    this.#keepFrom = isOpen ? Infinity : this.#total;
    this.clear();
  }

  /** Whether all messages behind this count can be sent again. */
  canReplay(count: number): boolean {
    return this.mayHave(count) && count >= this.#lostUpTo;
  }

  /** Whether the peer may have this many messages. */
  mayHave(count: number): boolean {
    return Number.isSafeInteger(count) && count >= this.#acknowledged && count <= this.#sent;
  }

  /** Sends again what stands behind this count of messages; only when `canReplay`. */
  replay(count: number, pass: (bytes: Buffer, kind: DataKind) => void): void {
    this.#kept.from(this.#endOf(count), pass);
  }

  /** Lets go of everything held. */
  clear(): void {
    this.#release(this.#total);
  }

  /** Counts what is taken; returns where the part of it begins that is to be held. */
  #add(bytes: number): number {
    const start = Math.min(Math.max(this.#total, this.#keepFrom), this.#total + bytes);
    const given = start - this.#total;
    this.#total += bytes;
    // What is given up comes while nothing is held.
    this.#heldFrom += given;
    this.#pool.add(bytes - given);
    return start;
  }

  /** Holds nothing before this place any more. */
  #release(upTo: number): void {
    if (upTo <= this.#heldFrom) return;
    this.#pool.add(this.#heldFrom - upTo);
    this.#heldFrom = upTo;
    this.#kept.dropBefore(upTo);
  }

  /** The byte behind a message; 0 behind none. */
  #endOf(message: number): number {
    return message === 0 ? 0 : (this.#ends[message - this.#firstEnd] ?? 0);
  }

  #compact(): void {
    const done = this.#acknowledged - this.#firstEnd;
    if (done < COMPACT_AT) return;
    this.#ends.splice(0, done);
    this.#firstEnd += done;
  }
}
