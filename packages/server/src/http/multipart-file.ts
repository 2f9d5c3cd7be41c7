/** The one file of a multipart form, as a stream (RFC 7578): never whole in memory, within its size and time. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import busboy, { type Busboy } from 'busboy';
import type { Clock } from '../clock.ts';
import { badRequest, bodyTooSlow, clientLeft, type HttpFault, tooLarge, unsupportedType } from './fault.ts';
import { inTime } from './in-time.ts';
import { hasPlainEncoding, typeOf } from './media-type.ts';
import { originalBytes } from './read-before.ts';
import { signedBody } from './signed-body.ts';

export interface FileRules {
  /** Name of the field; a file in another one is refused. */
  readonly field: string;
  readonly maxBytes: number;
  /** Longest time without a byte, and for all of it. */
  readonly idleMs: number;
  readonly totalMs: number;
  /** Aborts, with an HttpFault as reason, when nobody waits for it any more. */
  readonly signal: AbortSignal;
  /** What the whole body must hash to (SHA-256, hexadecimal); undefined when any will do. */
  readonly sha256: string | undefined;
}

export interface FormFile {
  /** As the client says, in lower case. */
  readonly type: string;
  readonly name: string;
  /** Rejects with an HttpFault when the form turns out not to be what it should; ends only behind the form's end. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Bytes so far. */
  readonly bytes: number;
  /** Lets go of the request; to be called whatever happened. */
  leave(): void;
}

/** Resolves at the beginning of the file. Rejects with an HttpFault. */
export async function readFormFile(
  request: IncomingMessage,
  rules: FileRules,
  clock: Clock,
): Promise<FormFile> {
  const form = openForm(request, sourceOf(request), rules);
  const endMs = clock.elapsed() + rules.totalMs;
  const within: Within = (wait) => {
    const ms = Math.min(rules.idleMs, Math.max(0, endMs - clock.elapsed()));
    return inTime(clock, wait, { ms, late: bodyTooSlow, signal: rules.signal });
  };
  try {
    return toFormFile(form, await within(form.file), within, rules.maxBytes);
  } catch (error) {
    form.leave();
    throw error;
  }
}

type Within = <T>(wait: Promise<T>) => Promise<T>;

function toFormFile(form: Form, { stream, type, name }: Found, within: Within, maxBytes: number): FormFile {
  let bytes = 0;
  // Raced against each chunk, a promise that never settles would keep them all.
  form.broken.catch((fault: HttpFault) => stream.destroy(fault));
  async function* read(): AsyncGenerator<Buffer> {
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (;;) {
      // The parser fails the stream with an error of its own, and the form with ours.
      const { value, done } = await within(chunks.next().catch(() => form.broken));
      if (done === true) break;
      bytes += value.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield value;
    }
    if (bytes === 0) throw badRequest('The file is empty.');
    await within(form.whole);
  }
  return {
    type,
    name,
    chunks: read(),
    get bytes() {
      return bytes;
    },
    leave: form.leave,
  };
}

interface Found {
  readonly stream: Readable;
  readonly type: string;
  readonly name: string;
}

interface Form {
  readonly file: Promise<Found>;
  /** Resolves behind the form's end. */
  readonly whole: Promise<void>;
  /** Rejects when the form is broken, and never resolves. */
  readonly broken: Promise<never>;
  /** Lets go of the request. */
  leave(): void;
}

/** The request, or the bytes that `express.raw()` has read of it. @throws HttpFault when nothing is left of them. */
function sourceOf(request: IncomingMessage): Readable {
  const bytes = originalBytes(request);
  return bytes ? Readable.from([bytes]) : request;
}

function openForm(request: IncomingMessage, source: Readable, rules: FileRules): Form {
  const parser = createParser(request, rules);
  const signed = signedBody(rules.sha256);
  let breakOff!: (fault: HttpFault) => void;
  const broken = new Promise<never>((_, reject) => (breakOff = reject));
  broken.catch(() => undefined);
  const onClose = (): void => {
    if (!request.complete) breakOff(clientLeft());
  };
  parser.on('error', () => breakOff(badRequest('The form is broken.')));
  parser.on('filesLimit', () => breakOff(badRequest('The form has more than one file.')));
  parser.on('partsLimit', () => breakOff(badRequest('The form has too many parts.')));
  request.once('close', onClose);
  const file = Promise.race([fileOf(parser, rules.field), broken]);
  const whole = Promise.race([endOf(parser, () => signed?.check()), broken]);
  whole.catch(() => undefined);
  if (signed) source.on('data', signed.add);
  source.pipe(parser);
  return {
    ...{ file, whole, broken },
    leave() {
      request.off('close', onClose);
      if (signed) source.off('data', signed.add);
      source.unpipe(parser);
      parser.destroy();
    },
  };
}

/** @throws HttpFault for what is no form. */
function createParser({ headers }: IncomingMessage, { maxBytes }: FileRules): Busboy {
  const isForm = typeOf(headers['content-type']).type === 'multipart/form-data' && hasPlainEncoding(headers);
  if (!isForm) throw unsupportedType('multipart/form-data');
  try {
    // The parser cuts a file at its limit; one byte more tells that it was too long.
    const limits = {
      files: 1,
      fileSize: maxBytes + 1,
      fields: 20,
      fieldSize: 4_096,
      parts: 22,
      headerPairs: 20,
    };
    return busboy({ headers, limits });
  } catch {
    throw badRequest('The form is broken.');
  }
}

function fileOf(parser: Busboy, field: string): Promise<Found> {
  return new Promise((resolve, reject) => {
    parser.on('file', (name, stream, { filename = '', mimeType }) => {
      stream.on('error', () => undefined);
      if (name !== field) {
        stream.resume();
        reject(badRequest(`The file must be in the field ${field}.`));
      } else resolve({ stream, type: mimeType.toLowerCase(), name: filename });
    });
    parser.on('close', () => reject(badRequest(`The form has no file in the field ${field}.`)));
  });
}

function endOf(parser: Busboy, check: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.on('close', () => {
      try {
        check();
        resolve();
      } catch (error) {
        reject(error as Error);
      }
    });
  });
}
