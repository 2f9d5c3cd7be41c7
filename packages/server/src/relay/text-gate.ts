/** Has each opened text of one direction judged, in order, and carries the judgement out. Nothing unjudged passes. */
import { CLOSE_ROWS, type CloseName } from '../contract/index.ts';
import type { Judge, Judgement } from './judge.ts';
import { HOLD, type Lane } from './lane.ts';

export interface GateParts {
  readonly judge: Judge;
  readonly lane: Lane;
  /** A text for whoever sent what was judged; false when it could not be taken. */
  answer(text: string): boolean;
  /** The session must end; `cause` is set when the judge itself failed. */
  onEnd(name: CloseName, cause?: unknown): void;
}

export class TextGate {
  readonly #parts: GateParts;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Returns whether the next message may come; if not, the lane waits and goes on by itself. */
  take(message: Buffer): boolean {
    const { judge, lane, onEnd } = this.#parts;
    if (lane.isEnded) return true;
    try {
      const judgement = judge(message);
      if (!(judgement instanceof Promise)) {
        this.#carryOut(judgement);
        return !lane.isUnread;
      }
      lane.wait(HOLD.judging);
      judgement
        .then((settled) => {
          this.#carryOut(settled);
          lane.go(HOLD.judging);
        })
        .catch((error: unknown) => onEnd('Internal', error));
      return false;
    } catch (error) {
      onEnd('Internal', error);
      return true;
    }
  }

  #carryOut(judgement: Judgement): void {
    const { lane, answer, onEnd } = this.#parts;
    if ('end' in judgement) onEnd(toRow(judgement.end));
    else if ('forward' in judgement) lane.pass(toBytes(judgement.forward), 'text');
    else if (judgement.drop !== true) throw new TypeError('a message hook answered with no judgement');
    else if (judgement.tell !== undefined && !answer(judgement.tell)) onEnd('PolicyViolation');
  }
}

/** @throws TypeError for a row that the contract does not have. */
function toRow(name: CloseName): CloseName {
  if (!Object.hasOwn(CLOSE_ROWS, name))
    throw new TypeError('a message hook ends with a row that does not exist');
  return name;
}

/** @throws TypeError for what a hook may not answer. */
function toBytes(text: string | Buffer): Buffer {
  if (typeof text !== 'string' && !Buffer.isBuffer(text))
    throw new TypeError('a message hook forwards what is neither text nor a Buffer');
  // A copy: what is kept for a client that comes back must not change with the hook's own Buffer.
  return Buffer.from(text);
}
