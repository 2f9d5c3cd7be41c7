/** Judges each text of a client by its route's policy, at once. What it forwards is written anew from what was judged. */
import { CLOSE_ROWS, MESSAGE_REFUSALS, toErrorFrame, type Dialect } from '../../contract/index.ts';
import type { Judgement } from '../../relay/judge.ts';
import { isCanonical } from './canonical.ts';
import type { CompiledPolicy } from './compile.ts';
import type { Opening } from './opening.ts';
import type { Breach, JudgedSession } from './operations.ts';
import { readMessage, type MessageObject } from './read-message.ts';

/** A refused message as a log may know it: nothing here but words of the policy and the product. */
export interface Refusal {
  /** Undefined for a type that the policy does not name. */
  readonly type: string | undefined;
  readonly path: string | undefined;
  readonly why: string;
}

export interface ClientJudgeParts {
  readonly compiled: CompiledPolicy;
  readonly session: JudgedSession;
  readonly opening: Opening;
  readonly sessionId: string;
  readonly dialect: Dialect;
  onRefused(refusal: Refusal): void;
}

export class ClientJudge {
  readonly #parts: ClientJudgeParts;
  readonly #types: ReadonlySet<string> | undefined;

  constructor(parts: ClientJudgeParts) {
    this.#parts = parts;
    const { types } = parts.compiled.policy;
    this.#types = types && new Set(types);
  }

  judge(bytes: Buffer): Judgement {
    const { compiled, session, opening } = this.#parts;
    const text = bytes.toString();
    const message = readMessage(text);
    if (typeof message === 'string') return this.#refuseUnreadable(message);
    const type = this.#typeOf(message);
    if (type === null || !this.#mayBe(type)) return this.#refuseType(type, 'type not allowed');
    if (!opening.mayCome(type)) return this.#refuseType(type, 'not what a session opens with');
    const operations = compiled.operationsFor(type);
    for (const operation of operations) {
      const breach = operation(message, session);
      if (breach) return this.#refuse(type, breach);
    }
    // Where nothing could be changed, what would be written may be there already.
    if (operations.length === 0 && isCanonical(message, bytes, text)) return { forward: bytes };
    return { forward: JSON.stringify(message) };
  }

  /** Undefined when the message has none, null when readers could disagree about it. */
  #typeOf(message: MessageObject): string | undefined | null {
    const { typeMember = 'type', untyped = [] } = this.#parts.compiled.policy;
    const stands = untyped.filter((name) => Object.hasOwn(message, name));
    if (!Object.hasOwn(message, typeMember)) return stands.length > 1 ? null : stands[0];
    const type = message[typeMember];
    return typeof type === 'string' && stands.length === 0 ? type : null;
  }

  #mayBe(type: string | undefined): boolean {
    return !this.#types || (type !== undefined && this.#types.has(type));
  }

  #refuseUnreadable(why: string): Judgement {
    this.#parts.onRefused({ type: undefined, path: undefined, why });
    return this.#tell('onBreach', MESSAGE_REFUSALS.unreadable, `The message ${why}.`);
  }

  #refuseType(type: string | undefined | null, why: string): Judgement {
    this.#parts.onRefused({ type: this.#known(type), path: undefined, why });
    const { isOpen, expected } = this.#parts.opening;
    const words = isOpen
      ? 'Messages of this type are not accepted here.'
      : `The session has to open with ${expected}, which the provider has to accept.`;
    return this.#tell('onOtherType', MESSAGE_REFUSALS.otherType, words);
  }

  #refuse(type: string | undefined, { path, says, isFinal }: Breach): Judgement {
    this.#parts.onRefused({ type: this.#known(type), path, why: says });
    if (isFinal) return { end: 'PolicyViolation' };
    return this.#tell('onBreach', CLOSE_ROWS.PolicyViolation.word, `${path || 'The message'} ${says}.`);
  }

  #tell(choice: 'onOtherType' | 'onBreach', code: string, message: string): Judgement {
    const { compiled, dialect, sessionId } = this.#parts;
    if (compiled.policy[choice] === 'close') return { end: 'PolicyViolation' };
    return { drop: true, tell: toErrorFrame(dialect, { code, message, sessionId }) };
  }

  /** What a client calls a type is its own text, and stays out of the log. */
  #known(type: string | undefined | null): string | undefined {
    return typeof type === 'string' && this.#parts.compiled.isKnown(type) ? type : undefined;
  }
}
