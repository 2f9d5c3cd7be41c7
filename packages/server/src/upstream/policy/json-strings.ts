/** Strings in the text of JSON, found without parsing it. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where the string that opens here closes; -1 when it does not. Takes the same time whatever stands in it. */
export function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return -1;
}
