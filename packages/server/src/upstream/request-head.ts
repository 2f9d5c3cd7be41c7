/** The upgrade request as text (RFC 6455 4.1). Nothing gets into it that could end a line or add one. */
import { WEBSOCKET_VERSION, isSubprotocol } from '../contract/index.ts';
import { ProxyError } from '../errors.ts';

/** What an upgrade request says beyond what every one says. */
export interface UpstreamHandshake {
  /** `ws:` or `wss:`, with the query. A fragment or credentials in it are not sent. */
  readonly url: string;
  readonly subprotocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** Headers that are ours; `sec-websocket-` ones are too. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const SPACE = 0x20;
const TAB = 0x09;
const LAST_VISIBLE = 0x7e;

/** @throws ProxyError that names no value when the handshake's URL cannot be dialled as it stands. */
export function parseUpstreamUrl(text: string): URL {
  // The URL parser drops tabs and line ends without a word; other odd characters it encodes.
  const url = hasControlOrSpace(text) ? undefined : toUrl(text);
  if (url?.protocol !== 'wss:' && url?.protocol !== 'ws:') throw unsendable('URL');
  return url;
}

/** Not asked with URL.canParse before, which parses it too. */
function toUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** `key` is the Sec-WebSocket-Key. @throws ProxyError that names no value when there is one that cannot be sent. */
export function toRequestHead(url: URL, key: string, handshake: UpstreamHandshake): string {
  const { subprotocols, headers } = handshake;
  const target = url.pathname + url.search;
  if (!isText(target, SPACE + 1) || !isText(url.host, SPACE + 1)) throw unsendable('URL');
  let head =
    `GET ${target} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: ${WEBSOCKET_VERSION}\r\n`;
  if (subprotocols.length > 0) head += `Sec-WebSocket-Protocol: ${toProtocolList(subprotocols)}\r\n`;
  for (const name of Object.keys(headers)) head += toHeaderLine(name, headers[name] ?? '');
  return `${head}\r\n`;
}

function toProtocolList(subprotocols: readonly string[]): string {
  // RFC 6455 4.1: each a token, none twice.
  if (!subprotocols.every(isSubprotocol) || new Set(subprotocols).size !== subprotocols.length)
    throw unsendable('subprotocol');
  return subprotocols.join(',');
}

/** True for a header that the upgrade has already, or that would change how it is read. */
export function isOwnHeader(name: string): boolean {
  const known = name.toLowerCase();
  return OWN_HEADERS.has(known) || known.startsWith('sec-websocket-');
}

function toHeaderLine(name: string, value: string): string {
  // A header's name is a token, as a subprotocol is (RFC 9110 5.1).
  if (!isSubprotocol(name) || isOwnHeader(name)) throw unsendable('header name');
  if (!isText(value, SPACE)) throw unsendable('header value');
  return `${name}: ${value}\r\n`;
}

/** True when all characters are ASCII from `lowest` on, or a tab where a space is allowed. */
function isText(text: string, lowest: number): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < lowest && (code !== TAB || lowest !== SPACE)) || code > LAST_VISIBLE) return false;
  }
  return true;
}

function hasControlOrSpace(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code <= SPACE || code === LAST_VISIBLE + 1) return true;
  }
  return false;
}

function unsendable(what: string): ProxyError {
  return new ProxyError('Internal', `the request to the upstream has a ${what} that cannot be sent`);
}
