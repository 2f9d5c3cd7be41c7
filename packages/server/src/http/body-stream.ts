/**
 * The body of a request as a stream: never whole in memory, within its size and time, and the one that was signed. One that
 * `express.raw()` has read before is checked alike, and given back whole.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';
import { bodyTooSlow, clientLeft, tooLarge } from './fault.ts';
import { inTime } from './in-time.ts';
import { originalBytes } from './read-before.ts';
import { signedBody } from './signed-body.ts';
import { checkWhole } from './whole-body.ts';

export interface StreamRules {
  readonly maxBytes: number;
  /** Longest time without a byte, and for all of it. */
  readonly idleMs: number;
  readonly totalMs: number;
  /** Aborts, with an HttpFault as reason, when nobody waits for it any more. */
  readonly signal: AbortSignal;
  /** What the body must hash to (SHA-256, hexadecimal); undefined when any will do. */
  readonly sha256: string | undefined;
}

/** Rejects with an HttpFault. @throws HttpFault when something in front has taken the body, and left no bytes of it or the wrong ones. */
export function streamBody(
  request: IncomingMessage,
  rules: StreamRules,
  clock: Clock,
): Buffer | AsyncGenerator<Buffer> {
  const bytes = originalBytes(request);
  return bytes ? checkWhole(bytes, rules) : read(request, rules, clock);
}

async function* read(request: IncomingMessage, rules: StreamRules, clock: Clock): AsyncGenerator<Buffer> {
  const { maxBytes, idleMs, totalMs, sha256, signal } = rules;
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  const signed = signedBody(sha256);
  const endMs = clock.elapsed() + totalMs;
  let bytes = 0;
  try {
    for (;;) {
      const ms = Math.min(idleMs, Math.max(0, endMs - clock.elapsed()));
      const { value, done } = await inTime(clock, nextOf(chunks), { ms, late: bodyTooSlow, signal });
      if (done === true) break;
      bytes += value.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      signed?.add(value);
      yield value;
    }
  } finally {
    letGo(request, chunks);
  }
  signed?.check();
}

/** What is left flows away, since a client that cannot finish sending may never read the answer. */
function letGo(request: IncomingMessage, chunks: AsyncIterator<Buffer>): void {
  const gone = chunks.return?.() ?? Promise.resolve();
  gone.then(
    () => request.resume(),
    () => undefined,
  );
}

/** A request breaks off with its client only. */
async function nextOf(chunks: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer, unknown>> {
  try {
    return await chunks.next();
  } catch {
    throw clientLeft();
  }
}
