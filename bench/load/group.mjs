/** The clients of one contender: opened a few at a time, counted together. */
import { noFaults } from '../wire/stamp-checker.mjs';
import { LoadSession } from './load-session.mjs';

const OPENING_AT_ONCE = 32;
const doNothing = () => {};

export class Group {
  sessions = [];
  faults = noFaults();
  sent = 0;
  taken = 0;
  /** Round trips in microseconds, while they are asked for. */
  latencies;
  /** What a peer said when it ended a session. */
  note = '';
  #next = doNothing;
  #nextId = 0;

  /** @param {{ id: number, port: number, tokens?: string[], wish: object }} facts */
  constructor({ id, port, tokens, wish }) {
    this.id = id;
    this.port = port;
    this.tokens = tokens;
    this.wish = wish;
  }

  /** What is done when an answer comes; nothing unless told. */
  set next(next) {
    this.#next = next ?? doNothing;
  }

  onReply(session, time) {
    this.taken += 1;
    if (this.latencies) this.latencies.push((Math.round(performance.now() * 1000) - time) >>> 0);
    this.#next(session);
  }

  get underWay() {
    return this.sent - this.taken;
  }

  create() {
    return new LoadSession(this, this.#nextId++);
  }

  /** Opens sessions up to `count` in all; gives up at the first that is refused, or at the deadline. */
  async open(count, limitMs) {
    const deadline = performance.now() + limitMs;
    let refusal;
    const worker = async () => {
      while (this.#opening + this.sessions.length < count && !refusal) {
        if (performance.now() > deadline) refusal = `${this.sessions.length} sessions open at the deadline`;
        else refusal ??= await this.#openOne();
      }
    };
    await Promise.all(Array.from({ length: OPENING_AT_ONCE }, worker));
    if (refusal) this.faults.refused += 1;
    return { open: this.sessions.length, refusal };
  }

  #opening = 0;

  async #openOne() {
    this.#opening += 1;
    const session = this.create();
    const refusal = await session.open();
    this.#opening -= 1;
    if (!refusal) this.sessions.push(session);
    return refusal;
  }

  close() {
    for (const session of this.sessions) session.destroy();
    this.sessions = [];
  }
}
