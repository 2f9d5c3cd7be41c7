/** Which headers may come with an upgrade and with a call, and what a request has beyond them. Names headers, never values. */
import { WEBSOCKET_VERSION } from '../../contract/index.ts';
import { headerValues, type UpgradeRequest } from '../upgrade-request.ts';
import { isNamed } from './name-pattern.ts';

const HANDSHAKE_HEADERS: readonly string[] = [
  'connection',
  'host',
  'sec-websocket-key',
  'sec-websocket-version',
  'upgrade',
];

/** What browsers add to an upgrade; right only where a page dials with a credential that was made for it. */
const BROWSER_HEADERS: readonly string[] = [
  ...['accept-encoding', 'accept-language', 'cache-control', 'origin', 'pragma'],
  ...['sec-websocket-extensions', 'user-agent'],
];

const CALL_HEADERS: readonly string[] = [
  ...['accept', 'accept-encoding', 'connection', 'content-length', 'content-type'],
  ...['host', 'transfer-encoding'],
];

/** What HTTP clients on a server add by themselves, with values that tell them from a browser's. */
const CLIENT_HEADERS: Readonly<Record<string, RegExp>> = {
  'accept-language': /^\*$/,
  'sec-fetch-mode': /^cors$/,
  'user-agent': /^(?!Mozilla)/,
};

export interface HeaderRules {
  readonly kind: 'upgrade' | 'call';
  /** `host:port` of the mock. */
  readonly host: string;
  /** Names, in lower case, beyond those that every request has; one that ends in `*` stands for all that begin so. */
  readonly known: readonly string[];
  /** True for a page that dials with an issued credential. */
  readonly mayBeBrowser: boolean;
}

export function headerViolations(request: UpgradeRequest, rules: HeaderRules): string[] {
  const own = rules.kind === 'upgrade' ? HANDSHAKE_HEADERS : CALL_HEADERS;
  const known = [...own, ...rules.known, ...(rules.mayBeBrowser ? BROWSER_HEADERS : [])];
  const isKnown = (name: string, value: string): boolean =>
    isNamed(name, known) || (rules.kind === 'call' && CLIENT_HEADERS[name]?.test(value) === true);
  return request.headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name, value]) => !isKnown(name, value))
    .map(([name]) => `unexpected header ${name}`);
}

/** What is wrong with the request itself: its line, and the headers that must stand exactly once. */
export function requestViolations(request: UpgradeRequest, { kind, host }: HeaderRules): string[] {
  const found: string[] = [];
  const only = (name: string): string | undefined => {
    const values = headerValues(request.headers, name);
    if (values.length !== 1) found.push(`${values.length} ${name} headers`);
    return values[0];
  };
  if (only('host') !== host) found.push('Host names somebody else');
  if (kind === 'call') return request.line.endsWith(' HTTP/1.1') ? found : [...found, 'not HTTP/1.1'];
  if (!/^GET \S+ HTTP\/1\.1$/.test(request.line)) found.push('the request is not GET over HTTP/1.1');
  if (only('upgrade')?.toLowerCase() !== 'websocket') found.push('Upgrade is not websocket');
  if (!/(?:^|,)\s*upgrade\s*(?:,|$)/i.test(only('connection') ?? '')) found.push('Connection lacks upgrade');
  if (only('sec-websocket-version') !== String(WEBSOCKET_VERSION)) found.push('another WebSocket version');
  // RFC 6455 4.1: sixteen bytes in base64.
  if (!/^[A-Za-z0-9+/]{22}==$/.test(only('sec-websocket-key') ?? ''))
    found.push('a malformed Sec-WebSocket-Key');
  return found;
}
