/** Who may open a local upstream, and how the others are told: in plain HTTP with a JSON body, as Deepgram does. Opens no socket. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

export interface HttpRefusal {
  status: 400 | 401 | 404 | 426 | 429 | 503;
  code: string;
  message: string;
}

const STATUS_TEXTS: Readonly<Record<HttpRefusal['status'], string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

export const WRONG_SECRET: HttpRefusal = {
  status: 401,
  code: 'INVALID_AUTH',
  message: 'Invalid credentials.',
};

/** The refusals that a fault asks for. */
export const FAULTY_REFUSALS: Readonly<Record<401 | 429 | 503, HttpRefusal>> = {
  401: WRONG_SECRET,
  429: { status: 429, code: 'TOO_MANY_REQUESTS', message: 'Too many requests. Please try again later.' },
  503: { status: 503, code: 'SERVICE_UNAVAILABLE', message: 'The service is not available.' },
};

/** The secret may come as the subprotocol pair `token`, secret or in the header `Authorization: Token secret`. */
export function bearsSecret(request: IncomingMessage, secret: string): boolean {
  const [scheme, value] = offeredSubprotocols(request);
  const [, inHeader] = /^token (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return (scheme === 'token' && value === secret) || inHeader === secret;
}

function offeredSubprotocols(request: IncomingMessage): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((value) => value.trim());
}

export function bodyOf(refusal: HttpRefusal): { requestId: string; body: string } {
  const requestId = randomUUID();
  const body = JSON.stringify({ err_code: refusal.code, err_msg: refusal.message, request_id: requestId });
  return { requestId, body };
}

/** Answers an upgrade with plain HTTP and ends the connection. */
export function refuseUpgrade(socket: Duplex, refusal: HttpRefusal): void {
  const { requestId, body } = bodyOf(refusal);
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_TEXTS[refusal.status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `dg-request-id: ${requestId}`,
    `dg-error: ${refusal.message}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
