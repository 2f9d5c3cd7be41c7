/** Reads a JSON body: within its size and time, in UTF-8, neither deep nor crowded. What it means is the route's. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';
import { badRequest, bodyTooSlow, clientLeft, tooLarge, unsupportedType } from './fault.ts';
import { findExcess } from './json-excess.ts';
import { hasPlainEncoding, typeOf } from './media-type.ts';
import { inTime } from './in-time.ts';
import { readBefore } from './read-before.ts';
import { notSigned, signedBody } from './signed-body.ts';

export interface JsonBodyRules {
  readonly maxBytes: number;
  /** Time for all of it. */
  readonly timeMs: number;
  /** What the body must hash to (SHA-256, hexadecimal); undefined when any will do. */
  readonly sha256: string | undefined;
}

const NOT_JSON = 'Request body must be JSON';

/** Rejects with an HttpFault for what is not a JSON object within the rules. */
export async function readJsonBody(
  request: IncomingMessage,
  rules: JsonBodyRules,
  clock: Clock,
): Promise<Readonly<Record<string, unknown>>> {
  if (!isJson(request)) throw unsupportedType('application/json in UTF-8');
  const before = readBefore(request);
  const bytes =
    before?.bytes ?? (await inTime(clock, rules.timeMs, readBytes(request, rules.maxBytes), bodyTooSlow));
  checkSigned(rules.sha256, before ? before.original : bytes);
  return toObject(bytes, rules.maxBytes);
}

function isJson({ headers }: IncomingMessage): boolean {
  const { type, charset } = typeOf(headers['content-type']);
  return type === 'application/json' && charset === 'utf-8' && hasPlainEncoding(headers);
}

/** Counts what comes, since a declared length is checked before and chunks declare none. */
function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= limit) chunks.push(chunk);
      else {
        request.off('data', onData).pause();
        reject(tooLarge(limit));
      }
    };
    request.on('data', onData);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('close', () => reject(clientLeft()));
  });
}

function checkSigned(sha256: string | undefined, bytes: Buffer | undefined): void {
  const signed = signedBody(sha256);
  if (!signed) return;
  if (!bytes) throw notSigned('the signed bytes were parsed before');
  signed.add(bytes);
  signed.check();
}

function toObject(bytes: Buffer, maxBytes: number): Readonly<Record<string, unknown>> {
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  const text = decode(bytes);
  const excess = findExcess(text);
  if (excess !== undefined) throw badRequest(`The body ${excess}.`);
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest(NOT_JSON);
  return value as Readonly<Record<string, unknown>>;
}

function decode(bytes: Buffer): string {
  try {
    // A byte order mark is skipped (RFC 8259 8.1).
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badRequest('The body is not UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(NOT_JSON);
  }
}
