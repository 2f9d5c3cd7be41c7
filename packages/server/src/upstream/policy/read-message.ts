/**
 * Reads a message that is going to be judged, strictly and within bounds: where two readers could understand it differently,
 * or writing it again would change it, it is refused. Duplicate members are not refused: the last one counts, and it is
 * the only one that is written again.
 */
import { endOfString } from './json-strings.ts';

export type MessageObject = Record<string, unknown>;

/** Fixed words, for the client and the log. */
export type Unreadable = 'is not a JSON object' | 'is nested too deeply' | 'has too many values' | Unfaithful;
type Unfaithful =
  | 'has a member that is not allowed'
  | 'has a number that cannot be kept exactly'
  | 'has text that is not Unicode';

export const MOST_NESTING = 64;
export const MOST_VALUES = 65_536;

/** Below this many characters a message cannot hold enough to be worth counting before it is parsed. */
const COUNTED_FROM = 65_536;
/** UTF-8 cannot carry half a surrogate pair; an escape can. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The message, or why it is refused. */
export function readMessage(text: string): MessageObject | Unreadable {
  const message = readLoosely(text);
  return typeof message === 'string' ? message : (whyUnfaithful(message, text) ?? message);
}

/** Within the bounds of long texts, but not looked into; to see whether a message is one that is judged at all. */
export function readLoosely(text: string): MessageObject | Unreadable {
  const excess = text.length < COUNTED_FROM ? undefined : findExcess(text);
  if (excess) return excess;
  const message = parse(text);
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    return 'is not a JSON object';
  return message as MessageObject;
}

/** Why a message that was read from this text may not be judged and written again. */
export function whyUnfaithful(message: MessageObject, text: string): Unreadable | undefined {
  return new Walk(text.includes('\\u') && SURROGATE_ESCAPE.test(text)).check(message, 1);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Looks for what re-writing would change or a path could not find. */
class Walk {
  readonly #mayHaveSurrogates: boolean;
  #values = 0;

  constructor(mayHaveSurrogates: boolean) {
    this.#mayHaveSurrogates = mayHaveSurrogates;
  }

  check(value: unknown, depth: number): Unreadable | undefined {
    this.#values += 1;
    if (this.#values > MOST_VALUES) return 'has too many values';
    if (typeof value === 'string') return this.#checkText(value);
    if (typeof value === 'number')
      return isExact(value) ? undefined : 'has a number that cannot be kept exactly';
    if (typeof value !== 'object' || value === null) return undefined;
    if (depth > MOST_NESTING) return 'is nested too deeply';
    return Array.isArray(value) ? this.#checkList(value, depth) : this.#checkObject(value, depth);
  }

  #checkList(list: readonly unknown[], depth: number): Unreadable | undefined {
    for (const element of list) {
      const problem = this.check(element, depth + 1);
      if (problem) return problem;
    }
    return undefined;
  }

  #checkObject(value: object, depth: number): Unreadable | undefined {
    for (const name of Object.keys(value)) {
      // Readers that build objects by assignment would change the object's kind.
      if (name === '__proto__') return 'has a member that is not allowed';
      const problem = this.#checkText(name) ?? this.check((value as MessageObject)[name], depth + 1);
      if (problem) return problem;
    }
    return undefined;
  }

  #checkText(text: string): Unreadable | undefined {
    return this.#mayHaveSurrogates && LONE_SURROGATE.test(text) ? 'has text that is not Unicode' : undefined;
  }
}

/** A whole number beyond what a double keeps may be another one than was sent; 1e400 has become Infinity. */
function isExact(value: number): boolean {
  return Number.isSafeInteger(value) || (!Number.isInteger(value) && Number.isFinite(value));
}

const [QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Counts depth and values of a long text before a parser makes objects of it. */
function findExcess(text: string): Unreadable | undefined {
  let [depth, values] = [0, 1];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      if (at === -1) return 'is not a JSON object';
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      depth += 1;
      values += 1;
      if (depth > MOST_NESTING) return 'is nested too deeply';
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth -= 1;
    else if (code === COMMA) values += 1;
    if (values > MOST_VALUES) return 'has too many values';
  }
  return undefined;
}
