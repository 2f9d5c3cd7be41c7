/**
 * Judges each text of a provider: blanks what the browser may not see, notes the calls that the client is asked for, and keeps keys
 * back. A message in which nothing is changed passes byte for byte.
 */
import type { Judgement } from '../../relay/judge.ts';
import type { CompiledPolicy } from './compile.ts';
import type { KeyGuard } from './key-guard.ts';
import type { Opening } from './opening.ts';
import { readLoosely, whyUnfaithful, type MessageObject } from './read-message.ts';

/** Calls that a client may still answer; the oldest is forgotten first. */
const MOST_CALLS = 1_024;

export interface UpstreamJudgeParts {
  readonly compiled: CompiledPolicy;
  /** Undefined when keys are not searched for. */
  readonly guard: KeyGuard | undefined;
  readonly opening: Opening;
  /** A message of the provider was changed, or kept back, for this reason. */
  onWithheld(why: string): void;
}

export class UpstreamJudge {
  readonly #parts: UpstreamJudgeParts;
  readonly #calls = new Set<unknown>();

  constructor(parts: UpstreamJudgeParts) {
    this.#parts = parts;
  }

  isAskedFor(callId: unknown): boolean {
    return typeof callId === 'string' && this.#calls.has(callId);
  }

  judge(message: Buffer): Judgement {
    if (this.#parts.opening.isListening) this.#listen(message);
    const shown = this.#parts.compiled.echoes.mayConcern(message) ? this.#look(message) : message;
    return shown === undefined ? { drop: true } : this.#guard(shown);
  }

  /** Undefined when the message cannot be read, so that nobody knows what it shows, or cannot be written without what it may not show. */
  #look(message: Buffer): Buffer | undefined {
    const { echoes, policy } = this.#parts.compiled;
    const text = message.toString();
    const read = readLoosely(text);
    if (typeof read === 'string') return this.#withhold(read);
    const type = typeOf(read, policy.typeMember ?? 'type');
    if (type === undefined || !echoes.concerns(type)) return message;
    for (const id of echoes.callsIn(type, read)) this.#note(id);
    if (!echoes.blank(type, read)) return message;
    const why = whyUnfaithful(read, text);
    return why ? this.#withhold(why) : Buffer.from(JSON.stringify(read));
  }

  /** For what became of the opening message. */
  #listen(message: Buffer): void {
    const { compiled, opening } = this.#parts;
    const read = readLoosely(message.toString());
    if (typeof read !== 'string') opening.heard(typeOf(read, compiled.policy.typeMember ?? 'type'));
  }

  #withhold(why: string): undefined {
    this.#parts.onWithheld(`a message of the provider ${why}`);
    return undefined;
  }

  #guard(message: Buffer): Judgement {
    const { guard, onWithheld } = this.#parts;
    const told = guard ? guard(message) : message;
    if (told !== message) onWithheld('a message of the provider holds a secret');
    return told === undefined ? { drop: true } : { forward: told };
  }

  #note(id: unknown): void {
    if (typeof id !== 'string') return;
    this.#calls.add(id);
    if (this.#calls.size <= MOST_CALLS) return;
    for (const oldest of this.#calls) {
      this.#calls.delete(oldest);
      break;
    }
  }
}

function typeOf(message: MessageObject, member: string): string | undefined {
  const type = Object.hasOwn(message, member) ? message[member] : undefined;
  return typeof type === 'string' ? type : undefined;
}
