/**
 * Looks at JSON before it is parsed: nesting that would exhaust a stack, and so many names (hash flooding) or values that making objects
 * of them would take long. Whether it is JSON at all, the parser says.
 */
import { MOST_NESTING, MOST_VALUES } from '../upstream/policy/read-message.ts';

const MOST_NAMES = 10_000;

const [QUOTE, BACKSLASH, COLON, COMMA] = ['"', '\\', ':', ','].map((mark) => mark.charCodeAt(0));
const OPENING = ['{', '['].map((mark) => mark.charCodeAt(0));
const CLOSING = ['}', ']'].map((mark) => mark.charCodeAt(0));

/** What is wrong with it, to stand behind "The body". */
export function findExcess(text: string): string | undefined {
  let depth = 0;
  let names = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const mark = text.charCodeAt(at);
    if (mark === QUOTE) at = endOfString(text, at);
    else if (mark === COLON) names += 1;
    else if (mark === COMMA) values += 1;
    else if (OPENING.includes(mark)) {
      depth += 1;
      values += 1;
    } else if (CLOSING.includes(mark)) depth -= 1;
    if (depth > MOST_NESTING) return `is nested deeper than ${MOST_NESTING} levels`;
    if (values > MOST_VALUES) return `has more than ${MOST_VALUES} values`;
    if (names > MOST_NAMES) return `has more than ${MOST_NAMES} names`;
  }
  return undefined;
}

/** Where the string that begins at `start` ends; the text's end for one that does not. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const mark = text.charCodeAt(at);
    if (mark === QUOTE) return at;
    if (mark === BACKSLASH) at += 1;
  }
  return text.length;
}
