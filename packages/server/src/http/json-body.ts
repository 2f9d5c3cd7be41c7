/** Reads a JSON body: within its size and time, in UTF-8, neither deep nor crowded. What it means is the route's. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';
import { badRequest, tooLarge, unsupportedType } from './fault.ts';
import { parseObject } from './json-object.ts';
import { hasPlainEncoding, typeOf } from './media-type.ts';
import { readBefore } from './read-before.ts';
import { checkSigned, readBytes, type WholeBodyRules } from './whole-body.ts';

const NOT_JSON = 'Request body must be JSON';

/** Rejects with an HttpFault for what is not a JSON object within the rules. */
export async function readJsonBody(
  request: IncomingMessage,
  rules: WholeBodyRules,
  clock: Clock,
): Promise<Readonly<Record<string, unknown>>> {
  if (!isJson(request)) throw unsupportedType('application/json in UTF-8');
  const before = readBefore(request);
  const bytes = before?.bytes ?? (await readBytes(request, rules, clock));
  checkSigned(rules.sha256, before ? before.original : bytes);
  if (bytes.length > rules.maxBytes) throw tooLarge(rules.maxBytes);
  return parseObject(decode(bytes), 'The body', NOT_JSON);
}

function isJson({ headers }: IncomingMessage): boolean {
  const { type, charset } = typeOf(headers['content-type']);
  return type === 'application/json' && charset === 'utf-8' && hasPlainEncoding(headers);
}

function decode(bytes: Buffer): string {
  try {
    // A byte order mark is skipped (RFC 8259 8.1).
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badRequest('The body is not UTF-8.');
  }
}
