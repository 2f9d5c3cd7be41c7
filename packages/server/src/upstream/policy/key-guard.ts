/**
 * Keeps the operator's secrets out of what a provider says. Texts are searched by their bytes and parsed only in error messages,
 * where providers repeat parts of keys; what tells nothing passes byte for byte. The token of a user that was passed on is not looked
 * for: whoever reads it here has sent it.
 */
import type { Confidential } from '../secret.ts';
import { endOfString } from './json-strings.ts';

/** What may pass in place of a message, or undefined when nothing may. The message itself when it tells nothing. */
export type KeyGuard = (message: Buffer) => Buffer | string | undefined;

/** In every message that is about an error, whatever its dialect. */
const ABOUT_ERRORS = 'rror';
/** An error message is short. */
const LONGEST_ERROR = 16_384;

/** `isError` where every message is about one, whatever it says. */
export function createKeyGuard(secrets: readonly Confidential[], isError = false): KeyGuard {
  const isTold = (message: Buffer): boolean => {
    if (secrets.some((secret) => secret.standsIn(message))) return true;
    if (message.length > LONGEST_ERROR || !(isError || message.includes(ABOUT_ERRORS))) return false;
    const text = message.toString();
    return stringsIn(text).some((part) => secrets.some((secret) => secret.isToldBy(part)));
  };
  const redact = (text: string): string => secrets.reduce((left, secret) => secret.redactIn(left), text);
  return (message) => {
    if (!isTold(message)) return message;
    const text = redactStrings(message.toString(), redact);
    return isTold(Buffer.from(text)) ? undefined : text;
  };
}

/** The decoded strings of a JSON text; for another text, that text. */
function stringsIn(text: string): string[] {
  const strings: string[] = [];
  redactStrings(text, (part) => {
    strings.push(part);
    return part;
  });
  return strings;
}

/** Changes strings where they stand; everything else keeps its bytes. */
function redactStrings(text: string, change: (part: string) => string): string {
  let [written, at] = ['', 0];
  for (let open = text.indexOf('"'); open !== -1; open = text.indexOf('"', at)) {
    const end = endOfString(text, open);
    const literal = end === -1 ? undefined : text.slice(open, end + 1);
    const part = literal === undefined ? undefined : decode(literal);
    if (literal === undefined || part === undefined) return change(text);
    const changed = change(part);
    written += text.slice(at, open) + (changed === part ? literal : JSON.stringify(changed));
    at = end + 1;
  }
  return at === 0 ? change(text) : written + text.slice(at);
}

function decode(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}
