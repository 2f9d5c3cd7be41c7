/**
 * What the vendor's documentation lets a server put into a handshake, as data, and what a request has beyond it. Names
 * only what is wrong, never a value: a value may be somebody's secret.
 */
import { WEBSOCKET_VERSION } from '../contract/index.ts';
import { headerValues, type UpgradeRequest } from './upgrade-request.ts';

export type MockService = 'agent' | 'listen';

/** The vendor's paths. */
export const SERVICE_PATHS: Readonly<Record<MockService, string>> = {
  agent: '/v1/agent/converse',
  listen: '/v1/listen',
};

const KNOWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'sec-websocket-key',
  'sec-websocket-version',
  'upgrade',
]);

/** Documented for streaming. `callback` is not among them: with it a page could send transcripts anywhere. */
const LISTEN_KEYS = [
  ...[
    'channels',
    'detect_entities',
    'diarize',
    'diarize_model',
    'dictation',
    'encoding',
    'endpointing',
    'extra',
  ],
  ...[
    'filler_words',
    'interim_results',
    'keyterm',
    'keywords',
    'language',
    'mip_opt_out',
    'model',
    'multichannel',
  ],
  ...['no_delay', 'numerals', 'profanity_filter', 'punctuate', 'redact', 'replace', 'sample_rate', 'search'],
  ...['smart_format', 'tag', 'utterance_end_ms', 'vad_events', 'version'],
];

const QUERY_KEYS: Readonly<Record<MockService, ReadonlySet<string>>> = {
  agent: new Set(),
  listen: new Set(LISTEN_KEYS),
};

/** Where the secret must stand: as the pair `token`, secret in the subprotocols, or as `Authorization: Token secret`. */
export type MockAuth = 'subprotocol' | 'header';

export interface HandshakeRules {
  readonly auth: MockAuth;
  /** `host:port` of the mock. */
  readonly host: string;
  /** Header names, in lower case, that are no violation. */
  readonly headers: ReadonlySet<string>;
  /** Query keys that are no violation. */
  readonly queryKeys: ReadonlySet<string>;
}

/** The service that a path stands for. */
export function serviceOf(path: string): MockService | undefined {
  return path === SERVICE_PATHS.agent ? 'agent' : path === SERVICE_PATHS.listen ? 'listen' : undefined;
}

/** The secret that a request offers in the place where it belongs. */
export function offeredSecret(request: UpgradeRequest, auth: MockAuth): string | undefined {
  if (auth === 'subprotocol') return request.subprotocols[1];
  return headerValues(request.headers, 'authorization')[0]?.replace(/^Token /, '');
}

/** Everything in a request that the vendor does not document. Empty when the handshake is right. */
export function handshakeViolations(request: UpgradeRequest, rules: HandshakeRules): string[] {
  return [
    ...requestViolations(request, rules.host),
    ...headerViolations(request, rules),
    ...queryViolations(request, rules),
    ...credentialViolations(request, rules.auth),
  ];
}

function requestViolations(request: UpgradeRequest, host: string): string[] {
  const found: string[] = [];
  const only = (name: string): string | undefined => {
    const values = headerValues(request.headers, name);
    if (values.length !== 1) found.push(`${values.length} ${name} headers`);
    return values[0];
  };
  if (!/^GET \S+ HTTP\/1\.1$/.test(request.line)) found.push('the request is not GET over HTTP/1.1');
  if (!serviceOf(request.path)) found.push('an unknown path');
  if (only('host') !== host) found.push('Host names somebody else');
  if (only('upgrade')?.toLowerCase() !== 'websocket') found.push('Upgrade is not websocket');
  if (!/(?:^|,)\s*upgrade\s*(?:,|$)/i.test(only('connection') ?? '')) found.push('Connection lacks upgrade');
  if (only('sec-websocket-version') !== String(WEBSOCKET_VERSION)) found.push('another WebSocket version');
  // RFC 6455 4.1: sixteen bytes in base64.
  if (!/^[A-Za-z0-9+/]{22}==$/.test(only('sec-websocket-key') ?? ''))
    found.push('a malformed Sec-WebSocket-Key');
  return found;
}

function headerViolations(request: UpgradeRequest, rules: HandshakeRules): string[] {
  const credential = rules.auth === 'subprotocol' ? 'sec-websocket-protocol' : 'authorization';
  return request.headers
    .map(([name]) => name.toLowerCase())
    .filter((name) => !KNOWN_HEADERS.has(name) && name !== credential && !rules.headers.has(name))
    .map((name) => `unexpected header ${name}`);
}

function queryViolations(request: UpgradeRequest, rules: HandshakeRules): string[] {
  const known = QUERY_KEYS[serviceOf(request.path) ?? 'agent'];
  return request.query
    .map(([key]) => key)
    .filter((key) => !known.has(key) && !rules.queryKeys.has(key))
    .map((key) => `unexpected query key ${key}`);
}

function credentialViolations(request: UpgradeRequest, auth: MockAuth): string[] {
  if (auth === 'subprotocol') {
    const [scheme, , ...more] = request.subprotocols;
    const isPair = scheme === 'token' && request.subprotocols.length === 2 && more.length === 0;
    const headers = headerValues(request.headers, 'sec-websocket-protocol').length;
    return isPair && headers === 1 ? [] : ['the subprotocols are not exactly token and a secret'];
  }
  const values = headerValues(request.headers, 'authorization');
  const isToken = values.length === 1 && /^Token \S+$/.test(values[0] ?? '');
  return isToken ? [] : ['there is not exactly one Authorization header with the scheme Token'];
}
