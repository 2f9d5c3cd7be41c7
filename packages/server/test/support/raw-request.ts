/** The bytes of an upgrade request, right by default and wrong wherever a test wants it. */
import { randomBytes } from 'node:crypto';
import type { Entry } from '../../src/testing/upgrade-request.ts';

export interface RawUpgradeOptions {
  readonly port: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Speaks TLS and trusts this certificate, PEM. Default plain TCP. */
  readonly tls?: { readonly ca: string };
  /** Default `GET`. */
  readonly method?: string;
  /** Written into the request line as it stands. Default `/deepgram-proxy`. */
  readonly target?: string;
  /** Header lines that replace the default ones of the same name, or join them; several values make several lines, null leaves the header out. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  /** Lines put behind the headers as they stand. */
  readonly rawLines?: readonly string[];
  /** Bytes behind the head, in the same packet: a body, frames, or a second request. */
  readonly tail?: Buffer | string;
  /** The whole request, in place of everything above. */
  readonly request?: Buffer | string;
  /** False leaves the server's close frame unanswered. Default true: it is echoed. */
  readonly answersClose?: boolean;
  /** Bytes taken with each read, over plain TCP. Default as many as there are. */
  readonly bytesPerRead?: number;
  /** Milliseconds for each wait. Default 4000. */
  readonly deadlineMs?: number;
}

/** What goes over the wire first. */
export function requestBytes(options: RawUpgradeOptions): Buffer {
  const { method = 'GET', target = '/deepgram-proxy', tail = '' } = options;
  if (options.request !== undefined) return Buffer.from(options.request);
  const lines = [`${method} ${target} HTTP/1.1`, ...headerLines(options), ...(options.rawLines ?? [])];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(tail)]);
}

function headerLines({ headers = {}, port, host = '127.0.0.1' }: RawUpgradeOptions): string[] {
  const defaults: Entry[] = [
    ['Host', `${host}:${port}`],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
  ];
  const replaced = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const kept = defaults.filter(([name]) => !replaced.has(name.toLowerCase()));
  const added = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): Entry => [name, one]),
  );
  return [...kept, ...added].map(([name, value]) => `${name}: ${value}`);
}
