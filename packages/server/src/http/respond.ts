/** JSON answers, with the headers that every answer of the proxy carries. */
import type { ServerResponse } from 'node:http';
import { retryAfterOf, type Fault, type FaultShape } from './fault.ts';

export function respondJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(text);
}

/** A fault in the shape of the route's clients, with `Retry-After` where there is a wait. */
export function respondFault(response: ServerResponse, fault: Fault, shape: FaultShape): void {
  const retryAfter = retryAfterOf(fault);
  const wait = retryAfter === undefined ? undefined : { 'Retry-After': String(retryAfter) };
  respondJson(response, fault.status, shape(fault, idOf(response)), { ...fault.headers, ...wait });
}

function idOf(response: ServerResponse): string | undefined {
  return response.getHeader('X-Request-Id')?.toString();
}
