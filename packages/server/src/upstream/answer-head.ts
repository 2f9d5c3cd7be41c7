/**
 * Reads the head of an upstream's answer to an upgrade, as it arrives, strictly (RFC 9112): where two readers could
 * disagree about a byte, there is no answer. Judges no status and no header; answer-check.ts does.
 */

/** An answer's head: its status and the headers that matter to an upgrade, in lower case, each value as it stood. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

/** What came of the bytes so far: nothing yet; the head, with what stood behind it; or that there will be none. */
export type Reading =
  { readonly answer: Answer; readonly rest: Buffer } | 'malformed' | 'too long' | undefined;

/** Of all heads together: interim answers count (RFC 9110 15.2). */
const MOST_BYTES = 16_384;
const MOST_LINES = 100;

/** What the upstream sends beyond these is not kept. */
const KEPT: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'retry-after',
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
  'transfer-encoding',
  'upgrade',
]);

const [TAB, LF, CR, SPACE, DELETE] = [0x09, 0x0a, 0x0d, 0x20, 0x7f] as const;
const SWITCHING_PROTOCOLS = 101;
/** What every head begins with; other protocols are told by their first bytes. */
const START = 'HTTP/1.1 ';

/** The reason phrase may be missing, with the space before it: many a server leaves it out (RFC 9112 4). */
const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d)(?: |$)/;
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export class AnswerReader {
  /** The lines of the present head so far, with their ends. */
  #text = '';
  #isFirstLine = true;
  #lineLength = 0;
  #isAfterReturn = false;
  #bytes = 0;
  #lines = 0;

  /** Not to be called again once it has returned a result. */
  push(chunk: Buffer): Reading {
    let from = 0;
    for (;;) {
      const end = this.#findEnd(chunk, from);
      if (typeof end === 'string') return end;
      this.#text += chunk.toString('latin1', from, end);
      if (end === undefined) return undefined;
      const answer = parseHead(this.#text);
      if (!answer) return 'malformed';
      if (!isInterim(answer.status)) return { answer, rest: chunk.subarray(end) };
      this.#text = '';
      from = end;
    }
  }

  /** Where the head ends in this chunk, if it does. Every byte is looked at once. */
  #findEnd(chunk: Buffer, from: number): number | 'malformed' | 'too long' | undefined {
    for (let at = from; at < chunk.length; at += 1) {
      this.#bytes += 1;
      if (this.#bytes > MOST_BYTES) return 'too long';
      const byte = chunk[at] as number;
      if (this.#isAfterReturn) {
        if (byte !== LF) return 'malformed';
        this.#isAfterReturn = false;
        this.#lines += 1;
        if (this.#lines > MOST_LINES) return 'too long';
        this.#isFirstLine = this.#lineLength === 0;
        this.#lineLength = 0;
        if (this.#isFirstLine) return at + 1;
      } else if (byte === CR) this.#isAfterReturn = true;
      else if (!this.#mayStand(byte)) return 'malformed';
      else this.#lineLength += 1;
    }
    return undefined;
  }

  /** No control characters but the tab, and no white space at the start of a line (obs-fold, RFC 9112 5.2). */
  #mayStand(byte: number): boolean {
    if (this.#isFirstLine && this.#lineLength < START.length)
      return byte === START.charCodeAt(this.#lineLength);
    if (isSpace(byte)) return this.#lineLength > 0;
    return byte > SPACE && byte !== DELETE;
  }
}

function isInterim(status: number): boolean {
  return status < 200 && status !== SWITCHING_PROTOCOLS;
}

/** `text` is lines with their ends; the last is empty. */
function parseHead(text: string): Answer | undefined {
  const lines = text.split('\r\n');
  const status = STATUS_LINE.exec(lines[0] ?? '')?.[1];
  if (status === undefined) return undefined;
  const headers = new Map<string, string[]>();
  for (let at = 1; at < lines.length - 2; at += 1) {
    if (!readField(lines[at] ?? '', headers)) return undefined;
  }
  return { status: Number(status), headers };
}

/** False for a line that is no field; white space before the colon makes it none (RFC 9112 5.1). */
function readField(line: string, headers: Map<string, string[]>): boolean {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon);
  if (colon < 0 || !FIELD_NAME.test(name)) return false;
  const known = name.toLowerCase();
  if (!KEPT.has(known)) return true;
  const value = trimSpace(line.slice(colon + 1));
  const values = headers.get(known);
  if (values) values.push(value);
  else headers.set(known, [value]);
  return true;
}

/** Without the white space that a header's values may have around them (RFC 9110 5.6.3); String.trim() would take more. */
export function trimSpace(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text.charCodeAt(from))) from += 1;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB;
}
