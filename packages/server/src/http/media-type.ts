/** What a body says that it is (RFC 9110 8.3). */
import type { IncomingHttpHeaders } from 'node:http';

const UTF_8 = 'utf-8';

export interface MediaType {
  /** In lower case; empty where there is none. */
  readonly type: string;
  /** In lower case; `utf-8` where none is named, and for its common misspelling. */
  readonly charset: string;
}

export function typeOf(header: string | undefined): MediaType {
  const [type = '', ...parameters] = (header ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const name = charset?.replaceAll('"', '') ?? UTF_8;
  return { type, charset: name === 'utf8' ? UTF_8 : name };
}

/** False for compressed bodies: a small one can be a large one. */
export function hasPlainEncoding(headers: IncomingHttpHeaders): boolean {
  return (headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity';
}
