/** Reads a small body whole, within its size and time, and checks whether it is the one that was signed. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';
import { GatheredBytes } from '../gathered-bytes.ts';
import { bodyTooSlow, clientLeft, tooLarge } from './fault.ts';
import { inTime } from './in-time.ts';
import { originalBytes } from './read-before.ts';
import { notSigned, signedBody } from './signed-body.ts';

export interface WholeBodyRules {
  readonly maxBytes: number;
  /** Time for all of it. */
  readonly timeMs: number;
  /** Aborts, with an HttpFault as reason, when nobody waits for it any more. */
  readonly signal: AbortSignal;
  /** What the body must hash to (SHA-256, hexadecimal); undefined when any will do. */
  readonly sha256: string | undefined;
}

/** The body as it came, also where something in front has read and kept it. Rejects with an HttpFault. */
export async function readWhole(
  request: IncomingMessage,
  rules: WholeBodyRules,
  clock: Clock,
): Promise<Buffer> {
  const bytes = originalBytes(request) ?? (await readBytes(request, rules, clock));
  return checkWhole(bytes, rules);
}

/** The same bytes. @throws HttpFault when they are too many, or not the signed ones. */
export function checkWhole(
  bytes: Buffer,
  { maxBytes, sha256 }: Pick<WholeBodyRules, 'maxBytes' | 'sha256'>,
): Buffer {
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  checkSigned(sha256, bytes);
  return bytes;
}

/** What is still to come of a body. Rejects with an HttpFault. */
export function readBytes(
  request: IncomingMessage,
  { maxBytes, timeMs: ms, signal }: WholeBodyRules,
  clock: Clock,
): Promise<Buffer> {
  return inTime(clock, collect(request, maxBytes), { ms, late: bodyTooSlow, signal });
}

/** `bytes` is undefined when they were not kept. @throws HttpFault for another body than the signed one. */
export function checkSigned(sha256: string | undefined, bytes: Buffer | undefined): void {
  const signed = signedBody(sha256);
  if (!signed) return;
  if (!bytes) throw notSigned('the signed bytes were parsed before');
  signed.add(bytes);
  signed.check();
}

/** Counts what comes, since a declared length is checked before and chunks declare none. */
function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const body = new GatheredBytes();
    const onData = (chunk: Buffer): void => {
      if (body.length + chunk.length <= limit) body.add(chunk);
      else {
        request.off('data', onData).pause();
        reject(tooLarge(limit));
      }
    };
    request.on('data', onData);
    request.once('end', () => resolve(Buffer.concat(body.take())));
    request.once('close', () => reject(clientLeft()));
  });
}
