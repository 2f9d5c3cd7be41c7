/** Who may open a local upstream, and how the others are told: in plain HTTP with a JSON body, as Deepgram does. Opens no socket. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

export interface HttpRefusal {
  status: number;
  code: string;
  message: string;
}

export const REFUSALS = {
  400: { status: 400, code: 'BAD_REQUEST', message: 'Bad request.' },
  401: { status: 401, code: 'INVALID_AUTH', message: 'Invalid credentials.' },
  404: { status: 404, code: 'NOT_FOUND', message: 'No such path.' },
  426: { status: 426, code: 'UPGRADE_REQUIRED', message: 'Only WebSocket upgrades are answered here.' },
  429: { status: 429, code: 'TOO_MANY_REQUESTS', message: 'Too many requests. Please try again later.' },
  503: { status: 503, code: 'SERVICE_UNAVAILABLE', message: 'The service is not available.' },
} as const satisfies Record<number, HttpRefusal>;

/** The secret may come as the subprotocol pair `token`, secret or in the header `Authorization: Token secret`. */
export function bearsSecret(request: IncomingMessage, secret: string): boolean {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((value) => value.trim());
  const [, inHeader] = /^token (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return (offered[0] === 'token' && offered[1] === secret) || inHeader === secret;
}

/** Answers an upgrade with plain HTTP and ends the connection. */
export function refuseUpgrade(socket: Duplex, refusal: HttpRefusal): void {
  const { headers, body } = answerOf(refusal);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('')}\r\n${body}`);
}

/** Answers a request that is no upgrade. */
export function answerPlainHttp(response: ServerResponse): void {
  const { headers, body } = answerOf(REFUSALS[426]);
  response.writeHead(REFUSALS[426].status, headers).end(body);
}

function answerOf({ code, message }: HttpRefusal): { headers: Record<string, string>; body: string } {
  const requestId = randomUUID();
  const body = JSON.stringify({ err_code: code, err_msg: message, request_id: requestId });
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'dg-request-id': requestId,
    'dg-error': message,
    connection: 'close',
  };
  return { headers, body };
}
