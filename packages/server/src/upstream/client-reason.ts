/** Close reasons of an upstream as a client may read them: without the key, bearer texts, hosts or unreadable bytes. */
import { fitCloseReason } from '../contract/index.ts';
import type { Confidential } from './secret.ts';

/** A key with a masked middle. */
const MASKED = /\w(?:\*{2,}|\.{3,}|…)\w|\w\*{3,}|\*{3,}\w/;
const UNREADABLE = /[\p{Cc}\uFFFD]/u;
/** A word after `token` is most often English; a credential has digits. */
const BEARER = /\b(?:(?:bearer|basic)\s+\S{8,}|token\s+(?=\S*\d)\S{8,})/i;
/** Names end like hosts do, since words with dots also name events and versions. */
const HOST_ENDING =
  'com|net|org|io|ai|dev|app|cloud|eu|us|cn|uk|internal|intranet|local|lan|corp|svc|test|arpa';
const URL_OR_HOST = new RegExp(
  [
    String.raw`\b[a-z][a-z0-9+.-]*:\/\/\S+`,
    String.raw`\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b`,
    String.raw`(?<!\w)\[?(?:[0-9a-f:.]*::[0-9a-f:.]*|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4})(?:\]:\d+|\])?`,
    String.raw`\b[\w-]+(?:\.[\w-]+)+:\d+\b`,
    // A hyphenated name with a word behind its last dot is a machine's; a model's version ends in a number.
    String.raw`\b[a-z]\w*-[\w-]*(?:\.[\w-]+)*\.[a-z]\w*\b`,
    String.raw`\b(?:localhost|[\w-]+(?:\.[\w-]+)*\.(?:${HOST_ENDING}))\b(?::\d+)?`,
  ].join('|'),
  'gi',
);

/** The reason cut to 123 bytes; empty when it tells the key or is not text. Hosts and addresses become `…`. */
export function toClientReason(reason: string, secret: Confidential): string {
  if (reason === '') return '';
  if (UNREADABLE.test(reason) || MASKED.test(reason) || BEARER.test(reason) || secret.isToldBy(reason))
    return '';
  return fitCloseReason(reason.replace(URL_OR_HOST, '…'));
}
