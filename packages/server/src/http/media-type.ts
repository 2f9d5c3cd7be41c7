/** What a body says that it is (RFC 9110 8.3). */
import type { IncomingHttpHeaders } from 'node:http';

export interface MediaType {
  /** In lower case; empty where there is none. */
  readonly type: string;
  /** In lower case; UTF-8 where none is named. */
  readonly charset: string;
}

export function typeOf(header: string | undefined): MediaType {
  const [type = '', ...parameters] = (header ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  return { type, charset: charset?.replaceAll('"', '') ?? 'utf-8' };
}

/** False for compressed bodies: a small one can be a large one. */
export function hasPlainEncoding(headers: IncomingHttpHeaders): boolean {
  return (headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity';
}
