/** What is wrong with a request before anybody asks who sent it; the counterpart of what upgrades are judged by. */
import type { IncomingMessage } from 'node:http';
import { MAX_QUERY_BYTES } from '../contract/index.ts';
import { HttpFault, rowFault } from './fault.ts';

/** Browsers send some twenty. */
const MAX_HEADERS = 500;
const HOST = /^[A-Za-z0-9._\-[\]:]{1,255}$/;

/** @throws HttpFault when it cannot be judged safely. */
export function checkForm({ url, headers, headersDistinct, rawHeaders }: IncomingMessage): void {
  // Node drops what is behind its own limit without a word, so that none of the checks would see it.
  if (rawHeaders.length > 2 * MAX_HEADERS)
    throw refuse(431, 'too_many_headers', 'There are too many headers.');
  if (!HOST.test(headers.host ?? '')) throw refuse(400, 'bad_request', 'The Host header is not valid.');
  // A URL parser would cut the request there, and with it what is added behind.
  if (url?.includes('#') === true) throw refuse(400, 'bad_request', 'The target has a fragment.');
  // Node keeps the first; whoever stands in front may have judged the last.
  if ((headersDistinct['authorization']?.length ?? 0) > 1)
    throw refuse(400, 'bad_request', 'There is more than one Authorization header.');
  if (searchOf(url).length > MAX_QUERY_BYTES) throw refuse(414, 'uri_too_long', 'The query is too long.');
}

export function searchOf(url = ''): string {
  const question = url.indexOf('?');
  return question < 0 ? '' : url.slice(question + 1);
}

function refuse(status: number, error: string, message: string): HttpFault {
  return new HttpFault({ ...rowFault('BadRequest', message), status, error, message });
}
