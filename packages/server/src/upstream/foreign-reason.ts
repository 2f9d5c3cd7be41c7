/** Close reasons of an upstream as a client may read them: without the key, bearer texts, hosts or unreadable bytes. */
import { fitCloseReason } from '../contract/index.ts';
import type { Secret } from './secret.ts';

const UNREADABLE = /[\p{Cc}\uFFFD]/u;
const BEARER = /\b(bearer|token|basic)\s+\S{8,}/i;
const URL_OR_HOST =
  /\b[a-z][a-z0-9+.-]*:\/\/\S+|\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b|\b[\w-]+(?:\.[\w-]+)+:\d+\b/gi;

/** The reason cut to 123 bytes; empty when it tells the key or is not text. Hosts and addresses become `…`. */
export function toClientReason(reason: string, secret: Secret): string {
  if (UNREADABLE.test(reason) || BEARER.test(reason) || secret.isToldBy(reason)) return '';
  return fitCloseReason(reason.replace(URL_OR_HOST, '…'));
}
