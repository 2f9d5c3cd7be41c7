/** How the demo's backend answers: always with the headers that let the page load only what this server serves. */
import type { ServerResponse } from 'node:http';

export interface DemoAnswer {
  status: number;
  type: string;
  body: string | Buffer;
}

export function json(status: number, value: object): DemoAnswer {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

/** `origin` is the page's own; some browsers do not count WebSockets as 'self'. */
export function respond(response: ServerResponse, origin: string, { status, type, body }: DemoAnswer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'content-security-policy': policyOf(origin),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

function policyOf(origin: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self' ${origin.replace(/^http/, 'ws')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
