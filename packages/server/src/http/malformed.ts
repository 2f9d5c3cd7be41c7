/** Answers what Node's parser does not take for a request, in JSON like everything else. */
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { respondJson } from './respond.ts';

/** By Node's error codes; whatever else is wrong is a bad request. */
const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** True for a request that was refused because it names no host (RFC 9112 3.2). */
export function refuseHostless({ headers, httpVersion }: IncomingMessage, response: ServerResponse): boolean {
  if (headers.host !== undefined || httpVersion === '1.0') return false;
  respondJson(response, 400, { error: 'bad_request', message: 'The Host header is missing.' });
  return true;
}

/** RFC 9110 10.1.1. */
function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  respondJson(response, 417, { error: 'expectation_failed', message: 'Only 100-continue can be expected.' });
}

/** For a server that is ours alone: the first listener takes the answer out of Node's hands. */
export function refuseMalformed(server: Server): void {
  const known = new WeakSet<Duplex>();
  server.on('checkExpectation', refuseExpectation);
  server.on('request', ({ socket }) => known.add(socket));
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    // Where a request came before, an answer may be under way, and bytes of ours would be read as a part of it.
    if (socket.writable && !known.has(socket)) socket.end(toBytes(STATUS[error.code ?? ''] ?? 400));
    else socket.destroy();
  });
}

function toBytes(status: number): string {
  const text = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ error: 'bad_request', message: `The request is malformed: ${text}.` });
  const lines = [
    `HTTP/1.1 ${status} ${text}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
