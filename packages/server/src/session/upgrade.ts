/** Reads an upgrade request and judges its form (RFC 6455 4.2.1); knows no route, origin or token. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import {
  MAX_QUERY_BYTES,
  WEBSOCKET_VERSION,
  readQuery,
  readSubprotocols,
  type QueryPair,
} from '../contract/index.ts';
import type { HttpRefusal } from './http-refusal.ts';

export interface UpgradeRequest {
  readonly path: string;
  readonly query: readonly QueryPair[];
  readonly host: string;
  /** Whether TLS ends in this process. */
  readonly isEncrypted: boolean;
  readonly origin: string | undefined;
  readonly subprotocols: readonly string[];
  /** Sec-WebSocket-Key. */
  readonly key: string;
  header(name: string): string | undefined;
}

/** Browsers send some twenty. */
const MAX_HEADERS = 500;
/** Base64 of 16 bytes (RFC 6455 4.1). */
const WEBSOCKET_KEY = /^[+/0-9A-Za-z]{22}==$/;
const HOST = /^[A-Za-z0-9._\-[\]:]{1,255}$/;
/**
 * Origin-form only (RFC 9112 3.2.1): an absolute target could name a host of the client's choice. Several slashes at its start are what
 * an SDK makes of a base URL that ends in one.
 */
const ORIGIN_FORM = /^\/(?:\/+(?=[A-Za-z0-9._~-]))?(?!\/)[^\\#]*$/;

/**
 * Path of a request target, each run of slashes as one and otherwise as it came, not decoded; undefined when the target is not in
 * origin form.
 */
export function pathOf(target: string | undefined): string | undefined {
  if (target === undefined || !ORIGIN_FORM.test(target)) return undefined;
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  return path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
}

export function readUpgrade(request: IncomingMessage): UpgradeRequest | HttpRefusal {
  return findFault(request) ?? toUpgrade(request);
}

export function isRefusal(upgrade: UpgradeRequest | HttpRefusal): upgrade is HttpRefusal {
  return 'status' in upgrade;
}

const refusal = (status: number, message: string, headers?: Record<string, string>): HttpRefusal => ({
  status,
  error: status === 426 ? 'upgrade_required' : 'bad_request',
  message,
  ...(headers ? { headers } : {}),
});

function findFault(request: IncomingMessage): HttpRefusal | undefined {
  return findRequestFault(request) ?? findHandshakeFault(request.headers);
}

/** What is wrong with it as an HTTP request. */
function findRequestFault(request: IncomingMessage): HttpRefusal | undefined {
  const { method, url, headers, rawHeaders } = request;
  // Node drops what is behind its own limit without a word, so that none of the checks would see it.
  if (rawHeaders.length > 2 * MAX_HEADERS)
    return { ...refusal(431, 'There are too many headers.'), error: 'too_many_headers' };
  if (pathOf(url) === undefined) return refusal(400, 'The request target must be a path.');
  if (method !== 'GET')
    return { ...refusal(405, 'An upgrade is a GET request.', { Allow: 'GET' }), error: 'method_not_allowed' };
  // A body's bytes would otherwise be read as frames (request smuggling).
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    return refusal(400, 'An upgrade has no body.');
  }
  if (!HOST.test(headers.host ?? '')) return refusal(400, 'The Host header is not valid.');
  // Node keeps the first; whoever stands in front may have judged the last.
  if (headers.authorization !== undefined && hasSeveral(request, 'authorization')) {
    return refusal(400, 'There is more than one Authorization header.');
  }
  return searchOf(url).length > MAX_QUERY_BYTES
    ? { ...refusal(414, 'The query is too long.'), error: 'uri_too_long' }
    : undefined;
}

/** To be asked only of headers that are there: Node makes its table of all of them when it is first asked for. */
function hasSeveral({ headersDistinct }: IncomingMessage, name: string): boolean {
  return (headersDistinct[name]?.length ?? 0) > 1;
}

/** What is wrong with it as a WebSocket handshake. */
function findHandshakeFault(headers: IncomingHttpHeaders): HttpRefusal | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return refusal(426, 'This endpoint speaks WebSocket only.', {
      Upgrade: 'websocket',
      Connection: 'Upgrade, close',
    });
  }
  if (headers['sec-websocket-version'] !== String(WEBSOCKET_VERSION)) {
    return refusal(426, 'Only WebSocket version 13 is spoken.', {
      'Sec-WebSocket-Version': String(WEBSOCKET_VERSION),
    });
  }
  if (!WEBSOCKET_KEY.test(headers['sec-websocket-key'] ?? ''))
    return refusal(400, 'Sec-WebSocket-Key is not valid.');
  return readSubprotocols(headers['sec-websocket-protocol']) === undefined
    ? refusal(400, 'Sec-WebSocket-Protocol is not valid.')
    : undefined;
}

function toUpgrade({ url, headers, socket }: IncomingMessage): UpgradeRequest {
  return {
    path: pathOf(url) ?? '',
    query: readQuery(searchOf(url)),
    host: headers.host ?? '',
    isEncrypted: 'encrypted' in socket && socket.encrypted === true,
    origin: headers.origin,
    subprotocols: readSubprotocols(headers['sec-websocket-protocol']) ?? [],
    key: headers['sec-websocket-key'] ?? '',
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
  };
}

function searchOf(url: string | undefined): string {
  const question = url?.indexOf('?') ?? -1;
  return question < 0 ? '' : (url ?? '').slice(question + 1);
}
