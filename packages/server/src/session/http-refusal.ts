/** Refusals over plain HTTP: for what only a stranger provokes, and where a client can read a status. Costs no handshake. */
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import type { Clock } from '../clock.ts';
import { endSocket } from './end-socket.ts';

export interface HttpRefusal {
  readonly status: number;
  /** A word for programs, such as `not_found`. */
  readonly error: string;
  /** A sentence for people. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers an upgrade with a status and a JSON body, then ends the connection. */
export function refuseOverHttp(socket: Duplex, refusal: HttpRefusal, clock: Clock): void {
  const body = JSON.stringify({ error: refusal.error, message: refusal.message });
  const headers = {
    Connection: 'close',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    ...refusal.headers,
  };
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  endSocket(socket, Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`), clock);
}
