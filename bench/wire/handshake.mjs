/** The opening handshake of both ends, as plain text (RFC 6455 4), and the query by which the load says what it wants. */
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** The same for every client: what the rig does should cost little, and nobody here looks at it. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const LONGEST_HEAD = 16_384;
const QUERY = 'bench';
export const PATH = '/bench';

export const acceptOf = (key) => createHash('sha1').update(`${key}${GUID}`).digest('base64');
export const ACCEPT = acceptOf(KEY);

/**
 * What a session asks of the upstream: `down` bytes in each answer, or `flood` bytes after the first message.
 * @param {{ group: number, session: number, up: number, down: number, flood?: number }} wish
 */
export function toTarget({ group, session, up, down, flood = 0 }, { token, isSession = false } = {}) {
  const query = [`${QUERY}=${[group, session, up, down, flood].join('.')}`];
  if (token) query.push(`token=${token}`);
  if (isSession) query.push('vp=1');
  return `${PATH}?${query.join('&')}`;
}

/** Undefined where the query has no such wish. */
export function readTarget(target) {
  const value = new URL(target, 'http://localhost').searchParams.get(QUERY);
  const [group, session, up, down, flood] = (value ?? '').split('.').map(Number);
  return Number.isInteger(flood) ? { group, session, up, down, flood } : undefined;
}

export const requestFor = (target, host) =>
  [
    `GET ${target} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
    '\r\n',
  ].join('\r\n');

/** The answer to an upgrade; a subprotocol that was offered is taken. */
export function answerTo({ headers }) {
  const [subprotocol] = (headers['sec-websocket-protocol'] ?? '').split(',');
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Accept: ${acceptOf(headers['sec-websocket-key'] ?? '')}`,
    ...(subprotocol ? [`Sec-WebSocket-Protocol: ${subprotocol.trim()}`] : []),
    '\r\n',
  ].join('\r\n');
}

/** Gathers a head; `take` returns it with the number of bytes of the chunk that belong to it, once it is whole. */
export function createHeadReader() {
  let text = '';
  return {
    take(chunk) {
      const before = text.length;
      text += chunk.toString('latin1');
      if (text.length > LONGEST_HEAD + chunk.length) throw new Error('endless head');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return undefined;
      return { ...parseHead(text.slice(0, end)), used: end + 4 - before };
    },
  };
}

function parseHead(text) {
  const [start, ...lines] = text.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { start, headers };
}
