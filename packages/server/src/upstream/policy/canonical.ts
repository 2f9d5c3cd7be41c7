/**
 * Tells when a text is what writing its parse again would give, to the byte, so that it need not be written: audio in base64 is most
 * of what some clients send. Says no wherever that would need a closer look.
 */
import type { MessageObject } from './read-message.ts';

const BACKSLASH = 0x5c;
/** Names of this kind are put first when an object is written. */
const INDEX = /^\d/;

/** `message` is the unchanged parse of `text`, and its bytes. */
export function isCanonical(message: MessageObject, bytes: Buffer, text: string): boolean {
  // Without escapes a text is never shorter than its parse written again; spaces and duplicate members make it longer.
  return !bytes.includes(BACKSLASH) && writtenLength(message) === text.length;
}

/** How long the object is as JSON writes it; NaN when it holds more than texts. */
function writtenLength(message: MessageObject): number {
  let length = 1;
  for (const name of Object.keys(message)) {
    const value = message[name];
    if (typeof value !== 'string' || INDEX.test(name)) return Number.NaN;
    // Two pairs of quotes, a colon, and a comma or the closing brace.
    length += name.length + value.length + 6;
  }
  return length;
}
