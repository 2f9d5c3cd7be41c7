/** The application's own look at text messages: what it is asked, and what it may answer. */
import { ConfigError } from '../errors.ts';
import type { Judgement } from '../relay/judge.ts';

/**
 * Judges one text message before it passes. Returns, or resolves with, `{ forward }`, `{ drop: true }` or `{ end }`. Messages
 * of one direction are judged one after another, and nothing of that direction overtakes them. A hook that throws or takes longer
 * than `limits.hookTimeoutMs` ends the session with `Internal`.
 */
export type MessageHook = (message: string) => Judgement | Promise<Judgement>;

/** What an application wants to see of a route's messages. Binary messages, audio, always pass unseen and byte for byte. */
export interface MessageRules {
  /** From the client. */
  readonly up?: MessageHook | undefined;
  /** From the provider. */
  readonly down?: MessageHook | undefined;
  /** Longest text that is judged, in bytes. Default 1 MiB, at most 64 MiB. A longer one closes with `TooLarge`. */
  readonly maxBytes?: number | undefined;
  /** The only kind that clients may send; another closes with `KindDenied`. Default: both. */
  readonly onlyFromClient?: 'text' | 'binary' | undefined;
}

export const DEFAULT_HOOK_BYTES = 1_048_576;

const MOST_HOOK_BYTES = 67_108_864;
const KNOWN: readonly string[] = ['up', 'down', 'maxBytes', 'onlyFromClient'];

/** Returns the rules unchanged. @throws ConfigError naming what of `option` cannot work. */
export function checkMessageRules(option: string, rules: MessageRules | undefined): MessageRules | undefined {
  if (rules === undefined) return undefined;
  if (typeof rules !== 'object' || rules === null || Array.isArray(rules))
    throw new ConfigError(
      option,
      'is not an object. Write it like { up: (message) => ({ forward: message }) }.',
    );
  // A misspelt hook would let everything pass.
  const unknown = Object.keys(rules).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined)
    throw new ConfigError(`${option}.${unknown}`, `is not a rule; known are ${KNOWN.join(', ')}.`);
  for (const name of ['up', 'down'] as const)
    if (rules[name] !== undefined && typeof rules[name] !== 'function')
      throw new ConfigError(
        `${option}.${name}`,
        'is not a function. Write it like (message) => ({ forward: message }).',
      );
  checkValues(option, rules);
  return rules;
}

function checkValues(option: string, rules: MessageRules): void {
  const { maxBytes = DEFAULT_HOOK_BYTES, onlyFromClient = 'text' } = rules;
  if (typeof maxBytes !== 'number' || !(maxBytes > 0 && maxBytes <= MOST_HOOK_BYTES))
    throw new ConfigError(`${option}.maxBytes`, `is not a number above 0 and at most ${MOST_HOOK_BYTES}.`);
  if (onlyFromClient !== 'text' && onlyFromClient !== 'binary')
    throw new ConfigError(
      `${option}.onlyFromClient`,
      "is neither 'text' nor 'binary'. Leave it out for both.",
    );
}
