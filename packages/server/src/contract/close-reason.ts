/** The text of a close frame: a word, an optional wait, and never more bytes than a control frame holds. */
import type { CloseRow } from './close-codes.ts';
import { MAX_CLOSE_REASON_BYTES } from './wire-limits.ts';

const RETRY_AFTER = /(?:^|\s)retry_after=(\d{1,7})(?:\s|$)/;

/** `word`, or `word retry_after=N` with N in whole seconds, rounded up so that nobody comes back too early. */
export function toCloseReason(row: CloseRow, retryAfterMs?: number): string {
  return retryAfterMs === undefined ? row.word : `${row.word} retry_after=${Math.ceil(retryAfterMs / 1000)}`;
}

/** Splits a close reason into its first word and the stated wait in milliseconds, if any. */
export function readCloseReason(reason: string): { word: string; retryAfterMs?: number } {
  const word = reason.trim().split(/\s+/, 1)[0] ?? '';
  const seconds = RETRY_AFTER.exec(reason)?.[1];
  return seconds === undefined ? { word } : { word, retryAfterMs: Number(seconds) * 1000 };
}

/** Cuts a text at a character boundary so that its UTF-8 form fits a close frame (RFC 6455 5.5). */
export function fitCloseReason(text: string): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += utf8Length(character.codePointAt(0) ?? 0);
    if (bytes > MAX_CLOSE_REASON_BYTES) break;
    kept += character;
  }
  return kept;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
