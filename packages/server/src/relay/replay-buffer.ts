/**
 * What was passed to a client and not yet acknowledged, so that it can be sent again on another connection. It holds the
 * chunks themselves, without copying, and knows at which byte each message ends.
 */
import type { DataKind } from '../leg/leg.ts';

/** Bytes that all sessions of a proxy may hold together. */
export class ReplayPool {
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

interface Chunk {
  readonly bytes: Buffer;
  readonly kind: DataKind;
  /** Where it begins and ends, counted from the session's first byte. */
  readonly start: number;
  readonly end: number;
}

/** Ended messages of which an end is known for each; older ones are dropped in blocks, not one by one. */
const COMPACT_AT = 256;

export class ReplayBuffer {
  readonly #maxBytes: number;
  readonly #pool: ReplayPool;
  #chunks: Chunk[] = [];
  #heldBytes = 0;
  /** Bytes taken so far. */
  #total = 0;
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
  }

  /** Messages that were passed whole. */
  get sent(): number {
    return this.#sent;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** True when nothing more should be taken before something is acknowledged. */
  get isFull(): boolean {
    return this.#heldBytes > 0 && (this.#heldBytes >= this.#maxBytes || this.#pool.isFull);
  }

  /** A message ends `offset` bytes into what is taken next. */
  endMessage(offset: number): void {
    this.#sent += 1;
    this.#ends.push(this.#total + offset);
    if (this.#sent === this.#lostUpTo) this.#keepFrom = this.#total + offset;
  }

  /** Bytes of frames as they stood on the wire. */
  take(bytes: Buffer): void {
    const start = this.#total;
    this.#total += bytes.length;
    if (this.#total <= this.#keepFrom) return;
    const skipped = Math.max(0, this.#keepFrom - start);
    this.#keep(bytes.subarray(skipped), 'wire', start + skipped);
  }

  /** One whole message. It counts a byte more than its payload, as with a header, so that an empty one has a place too. */
  takeMessage(payload: Buffer, kind: DataKind): void {
    this.endMessage(payload.length + 1);
    const start = this.#total;
    this.#total += payload.length + 1;
    if (this.#total > this.#keepFrom) this.#keep(payload, kind, start);
  }

  /** The peer has all messages up to this count. False for a count that cannot be. */
  acknowledge(count: number): boolean {
    if (!this.mayHave(count)) return false;
    this.#acknowledged = count;
    const upTo = this.#endOf(count);
    let done = 0;
    for (const chunk of this.#chunks) {
      if (chunk.end > upTo) break;
      this.#hold(chunk.start - chunk.end);
      done += 1;
    }
    if (done > 0) this.#chunks.splice(0, done);
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
    const from = this.#endOf(count);
    for (const { bytes, kind, start, end } of this.#chunks)
      if (end > from) pass(bytes.subarray(Math.max(0, from - start)), kind);
  }

  /** Lets go of everything held. */
  clear(): void {
    this.#hold(-this.#heldBytes);
    this.#chunks = [];
  }

  #keep(bytes: Buffer, kind: DataKind, start: number): void {
    this.#chunks.push({ bytes, kind, start, end: this.#total });
    this.#hold(this.#total - start);
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#pool.add(bytes);
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
