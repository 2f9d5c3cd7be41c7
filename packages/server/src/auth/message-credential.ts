/** Finds the user's token in text messages and takes it out. How a token is checked, and from whom a message came, is not its concern. */
import { MAX_TOKEN_LENGTH, type MessageSlot, type Slot } from '../contract/index.ts';

/** What the first message of a client says: its token, if there is one, and the message without it. */
export interface FirstMessage {
  readonly token: string | undefined;
  readonly text: string;
}

/** Why a first message cannot be used. `why` is for the log. */
export interface UnusableMessage {
  readonly name: 'BadRequest' | 'AuthInvalid';
  readonly why: string;
}

/** What becomes of a later message. */
export type Stripped = { readonly forward: string } | { readonly end: 'BadRequest' };

/** Takes the token out of one message after another. */
export type Strip = (text: string) => Stripped;

export function messageSlotsIn(slots: readonly Slot[]): readonly MessageSlot[] {
  return slots.filter((slot) => slot.in === 'message');
}

/** A message without the field is not unusable: whether a token is needed is for others to say. */
export function readFirstMessage(
  text: string,
  slots: readonly MessageSlot[],
): FirstMessage | UnusableMessage {
  const taken = takeFrom(text, slots);
  if (!taken) return { name: 'BadRequest', why: 'the first message is no JSON object' };
  const [token, ...others] = taken.tokens.filter((value) => value !== '');
  if (token === undefined) return { token, text: taken.text };
  if (typeof token !== 'string') return { name: 'BadRequest', why: 'the token in the message is no text' };
  if (token.length > MAX_TOKEN_LENGTH) return { name: 'AuthInvalid', why: 'token too long' };
  if (others.some((other) => other !== token)) return { name: 'BadRequest', why: 'two different tokens' };
  return { token, text: taken.text };
}

/**
 * For the messages of a session whose token is known. `isFirstRead` says whether the first message has been read already.
 * Undefined where no later message can hold a token.
 */
export function createStrip(
  slots: readonly MessageSlot[],
  known: string | undefined,
  isFirstRead: boolean,
): Strip | undefined {
  const eachStart = slots.filter(({ when }) => when === 'each-start');
  if (isFirstRead && eachStart.length === 0) return undefined;
  let expected = known;
  let due = isFirstRead ? eachStart : slots;
  return (text) => {
    const wanted = due;
    due = eachStart;
    if (wanted.length === 0 || text.trim() === '') return { forward: text };
    const taken = takeFrom(text, wanted);
    // A vendor that reads it more leniently would find what was not taken out.
    if (!taken) return { end: 'BadRequest' };
    for (const token of taken.tokens) {
      if (typeof token !== 'string') return { end: 'BadRequest' };
      expected ??= token;
      if (token !== expected) return { end: 'BadRequest' };
    }
    return { forward: taken.text };
  };
}

interface Taken {
  readonly tokens: readonly unknown[];
  /** The message without them; as it came when there were none. */
  readonly text: string;
}

/**
 * Undefined for a message that is no JSON object, or nests too deep to be read or written. Of members that are there twice the last
 * counts, and none is left.
 */
function takeFrom(text: string, slots: readonly MessageSlot[]): Taken | undefined {
  try {
    const message: unknown = JSON.parse(text);
    if (!isFields(message)) return undefined;
    const tokens = slots.flatMap(({ path }) => takeField(message, path.split('.')));
    const isLeft = tokens.length === 0 && !slots.some(({ path }) => mayName(text, path));
    return { tokens, text: isLeft ? text : JSON.stringify(message) };
  } catch {
    return undefined;
  }
}

/** A list on the way stands for each of its elements: a lenient reader could look there. */
function takeField(message: Fields, path: readonly string[]): unknown[] {
  const name = path.at(-1) as string;
  let holders: readonly Fields[] = [message];
  for (const outer of path.slice(0, -1))
    holders = holders.flatMap((holder) => fieldsIn(ownField(holder, outer)));
  return holders
    .filter((holder) => Object.hasOwn(holder, name))
    .map((holder) => {
      const token = holder[name];
      delete holder[name];
      return token;
    });
}

/** Whether the field's own name stands in the text, though the parse may not have it: a member that is there twice hides the first. */
function mayName(text: string, path: string): boolean {
  return text.includes(JSON.stringify(path.split('.').at(-1))) || text.includes('\\u');
}

type Fields = Record<string, unknown>;

const ownField = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fieldsIn(value: unknown): Fields[] {
  const values: unknown[] = Array.isArray(value) ? value.flat(Infinity) : [value];
  return values.filter(isFields);
}
