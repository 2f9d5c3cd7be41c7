/** The HTTP answers to an upgrade as bytes: the accepting one, and any other. Chooses none of them. */
import { createHash } from 'node:crypto';
import type { Entry } from './upgrade-request.ts';

/** RFC 6455 1.3: what a server mixes into its accept value. */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A plain HTTP answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly Entry[];
  readonly body: string;
}

function head(line: string, headers: readonly Entry[]): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([line, ...lines, '', ''].join('\r\n'), 'utf8');
}

/** Completes the handshake, with the subprotocol given or with none. */
export function acceptBytes(key: string, subprotocol: string | undefined): Buffer {
  return head('HTTP/1.1 101 Switching Protocols', [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', createHash('sha1').update(`${key}${ACCEPT_GUID}`).digest('base64')],
    ...(subprotocol === undefined ? [] : [['Sec-WebSocket-Protocol', subprotocol] as const]),
  ]);
}

/** Refuses, redirects, or whatever the status says; the connection ends after it. */
export function answerBytes({ status, headers, body }: HttpAnswer): Buffer {
  const bytes = Buffer.from(body, 'utf8');
  const own: Entry[] = [
    ['Content-Length', String(bytes.length)],
    ['Connection', 'close'],
  ];
  return Buffer.concat([head(`HTTP/1.1 ${status} Mock`, [...headers, ...own]), bytes]);
}

/** An answer with a JSON body. */
export function jsonAnswer(status: number, body: object, headers: readonly Entry[] = []): HttpAnswer {
  return { status, headers: [['Content-Type', 'application/json'], ...headers], body: JSON.stringify(body) };
}
