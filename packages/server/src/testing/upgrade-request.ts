/** Reads the HTTP request of an upgrade as it stood on the wire: order, spelling and repetitions are kept. Checks nothing. */

/** A name and a value, in the order and spelling in which they came. */
export type Entry = readonly [name: string, value: string];

/** What the dialling side asked for. */
export interface UpgradeRequest {
  /** The whole first line, such as `GET /v1/listen?model=nova-3 HTTP/1.1`. */
  readonly line: string;
  readonly method: string;
  readonly path: string;
  /** Decoded query entries in order, repeated keys included. */
  readonly query: readonly Entry[];
  /** The query as sent, without `?`. */
  readonly rawQuery: string;
  /** Header lines in order. */
  readonly headers: readonly Entry[];
  /** Offered subprotocols in order. */
  readonly subprotocols: readonly string[];
}

const HEAD_END = '\r\n\r\n';
/** More than any handshake needs; a longer head is not a handshake. */
export const MAX_HEAD_BYTES = 65_536;

/** The head and the bytes behind it, or undefined while the head is incomplete. */
export function splitHead(bytes: Buffer): { head: string; rest: Buffer } | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  return { head: bytes.toString('latin1', 0, end), rest: bytes.subarray(end + HEAD_END.length) };
}

/** Header lines as entries; a line without a colon has an empty name. */
export function readHeaderLines(lines: readonly string[]): Entry[] {
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, Math.max(colon, 0)), line.slice(colon + 1).trim()];
  });
}

/** All values of one header, in order; names compare without regard to case (RFC 9110 5.1). */
export function headerValues(headers: readonly Entry[], name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}

export function readUpgradeRequest(head: string): UpgradeRequest {
  const [line = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = line.split(' ');
  const mark = target.indexOf('?');
  const rawQuery = mark < 0 ? '' : target.slice(mark + 1);
  const headers = readHeaderLines(lines);
  return {
    line,
    method,
    path: mark < 0 ? target : target.slice(0, mark),
    query: [...new URLSearchParams(rawQuery)],
    rawQuery,
    headers,
    subprotocols: headerValues(headers, 'sec-websocket-protocol')
      .flatMap((value) => value.split(','))
      .map((value) => value.trim()),
  };
}
