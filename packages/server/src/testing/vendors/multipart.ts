/** Reads a multipart body (RFC 7578) as far as mocks need it: the name, the file name and the bytes of each part. */

export interface MultipartPart {
  readonly name: string;
  readonly filename: string | undefined;
  readonly bytes: Buffer;
}

/** The parts; undefined for a body that is not what its content type says. */
export function readMultipart(body: Buffer, contentType: string): MultipartPart[] | undefined {
  const [, quoted, bare] = /boundary=(?:"([^"]+)"|([^\s;]+))/.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return undefined;
  const mark = `--${boundary}`;
  if (!body.subarray(0, mark.length).equals(Buffer.from(mark))) return undefined;
  const parts: MultipartPart[] = [];
  let at = mark.length;
  while (body.toString('latin1', at, at + 2) !== '--') {
    const end = body.indexOf(`\r\n${mark}`, at);
    const part = end < 0 ? undefined : readPart(body.subarray(at + 2, end));
    if (!part) return undefined;
    parts.push(part);
    at = end + 2 + mark.length;
  }
  return parts;
}

function readPart(bytes: Buffer): MultipartPart | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.toString('latin1', 0, Math.max(end, 0));
  const [, name] = /; name="([^"]*)"/i.exec(head) ?? [];
  if (name === undefined) return undefined;
  const [, filename] = /; filename="([^"]*)"/i.exec(head) ?? [];
  return { name, filename, bytes: bytes.subarray(end + 4) };
}
