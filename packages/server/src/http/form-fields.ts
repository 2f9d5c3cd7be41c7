/** The fields of a small multipart form (RFC 7578) that was read whole, as texts: each at most once, and none but those asked for. */
import busboy, { type Busboy } from 'busboy';
import { badRequest } from './fault.ts';

/** Whether a field came as a file makes no difference. Rejects with an HttpFault. */
export async function parseFields(
  contentType: string,
  bytes: Buffer,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const fields = new Map<string, string>();
  const parser = createParser(contentType, bytes.length, names.length);
  await new Promise<void>((resolve, reject) => {
    const add = (name: string, text: string): void => {
      if (!names.includes(name)) reject(badRequest(`The form may have ${names.join(' and ')} only.`));
      if (fields.has(name)) reject(badRequest(`The form has ${name} twice.`));
      fields.set(name, text);
    };
    parser.on('field', add);
    parser.on('file', (name, stream) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => add(name, Buffer.concat(chunks).toString()));
      stream.on('error', () => undefined);
    });
    parser.on('partsLimit', () => reject(badRequest(`The form has more than ${names.length} parts.`)));
    parser.on('error', () => reject(badRequest('The form is broken.')));
    parser.on('close', resolve);
    parser.end(bytes);
  });
  return fields;
}

/** `most` is the length of all of it, which no part can exceed. @throws HttpFault for what is no form. */
function createParser(contentType: string, most: number, parts: number): Busboy {
  try {
    // The parser counts the end of the form as one more.
    const limits = { fieldSize: most, fileSize: most, parts: parts + 1, headerPairs: 20 };
    return busboy({ headers: { 'content-type': contentType }, limits });
  } catch {
    throw badRequest('The form is broken.');
  }
}
