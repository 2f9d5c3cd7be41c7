/** What something in front of the proxy, such as `express.json()`, has read of a request's body already, and left of it. */
import type { IncomingMessage } from 'node:http';
import { badRequest, bodyReadBefore } from './fault.ts';

export interface ReadBefore {
  /** The body as bytes again; those of a parsed one are written anew. */
  readonly bytes: Buffer;
  /** The bytes as they came, where they were kept. */
  readonly original: Buffer | undefined;
}

/** Undefined for a body that is still to be read. @throws HttpFault when nothing is left that could be used. */
export function readBefore(
  request: IncomingMessage & { body?: unknown; rawBody?: unknown },
): ReadBefore | undefined {
  const { body, rawBody } = request;
  if (!request.readableEnded) return undefined;
  if (body === undefined) throw bodyReadBefore();
  if (Buffer.isBuffer(body)) return { bytes: body, original: body };
  const original = Buffer.isBuffer(rawBody) ? rawBody : undefined;
  // Of `express.text()`: the text is the body, and not a value that was in it.
  const text = typeof body === 'string' ? body : textOf(body);
  return { bytes: Buffer.from(text), original };
}

/** The bytes of a body that was read before; undefined for one that is still to be read. @throws HttpFault when they are gone. */
export function originalBytes(request: IncomingMessage): Buffer | undefined {
  const before = readBefore(request);
  if (before && !before.original) throw bodyReadBefore();
  return before?.original;
}

/** Writing is recursive, and gives up on what is nested too deep. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw badRequest('The body is nested too deep.');
  }
}
