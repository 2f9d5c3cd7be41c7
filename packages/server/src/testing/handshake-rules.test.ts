import { expect, test } from 'vitest';
import { handshakeViolations, type HandshakeRules, offeredSecret } from './handshake-rules.ts';
import { readUpgradeRequest, type UpgradeRequest } from './upgrade-request.ts';

const RULES: HandshakeRules = {
  auth: 'subprotocol',
  host: '127.0.0.1:9',
  headers: new Set(['x-allowed']),
  queryKeys: new Set(['extra']),
};

const RIGHT = [
  'GET /v1/agent/converse HTTP/1.1',
  'Host: 127.0.0.1:9',
  'Upgrade: websocket',
  'Connection: keep-alive, Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol: token, the-secret',
];

const requestOf = (...lines: string[]): UpgradeRequest => readUpgradeRequest(lines.join('\r\n'));
/** The right request with the line that starts like the given one replaced, or with the line added. */
function altered(line: string, like: string | undefined): UpgradeRequest {
  return requestOf(
    ...(like === undefined ? [...RIGHT, line] : RIGHT.map((one) => (one.startsWith(like) ? line : one))),
  );
}

test('finds nothing wrong with the documented handshake', () => {
  const request = requestOf(...RIGHT);
  expect(handshakeViolations(request, RULES)).toEqual([]);
  expect(offeredSecret(request, 'subprotocol')).toBe('the-secret');
});

test.each([
  ['unexpected header cookie', 'Cookie: session=1', undefined],
  ['unexpected header origin', 'Origin: http://page.example', undefined],
  ['unexpected header x-forwarded-for', 'X-Forwarded-For: 10.0.0.1', undefined],
  ['unexpected header sec-websocket-extensions', 'Sec-WebSocket-Extensions: permessage-deflate', undefined],
  ['unexpected header content-length', 'Content-Length: 5', undefined],
  ['unexpected header authorization', 'Authorization: Token the-secret', undefined],
  ['2 host headers', 'Host: 127.0.0.1:9', undefined],
  ['2 sec-websocket-key headers', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', undefined],
  ['Host names somebody else', 'Host: api.example.com', 'Host'],
  ['Upgrade is not websocket', 'Upgrade: h2c', 'Upgrade'],
  ['Connection lacks upgrade', 'Connection: keep-alive', 'Connection'],
  ['another WebSocket version', 'Sec-WebSocket-Version: 8', 'Sec-WebSocket-Version'],
  ['a malformed Sec-WebSocket-Key', 'Sec-WebSocket-Key: short', 'Sec-WebSocket-Key'],
  [
    'the subprotocols are not exactly token and a secret',
    'Sec-WebSocket-Protocol: token',
    'Sec-WebSocket-Protocol',
  ],
  [
    'the subprotocols are not exactly token and a secret',
    'Sec-WebSocket-Protocol: token, the-secret, more',
    'Sec-WebSocket-Protocol',
  ],
  ['the request is not GET over HTTP/1.1', 'POST /v1/agent/converse HTTP/1.1', 'GET'],
  ['an unknown path', 'GET /v1/agent HTTP/1.1', 'GET'],
  ['unexpected query key token', 'GET /v1/agent/converse?token=abc HTTP/1.1', 'GET'],
  ['unexpected query key service', 'GET /v1/listen?model=nova-3&service=transcription HTTP/1.1', 'GET'],
  ['unexpected query key model', 'GET /v1/agent/converse?model=nova-3 HTTP/1.1', 'GET'],
  ['unexpected query key callback', 'GET /v1/listen?callback=http%3A%2F%2Fevil.example HTTP/1.1', 'GET'],
])('finds: %s', (violation, line, like) => {
  expect(handshakeViolations(altered(line, like), RULES)).toContain(violation);
});

test('takes what the listen service documents, repeated keys and what is allowed on top', () => {
  const target = '/v1/listen?model=nova-3&keyterm=a&keyterm=b&encoding=linear16&extra=1';
  const request = requestOf(`GET ${target} HTTP/1.1`, ...RIGHT.slice(1), 'X-Allowed: yes');
  expect(handshakeViolations(request, RULES)).toEqual([]);
  expect(request.query.filter(([key]) => key === 'keyterm')).toEqual([
    ['keyterm', 'a'],
    ['keyterm', 'b'],
  ]);
});

test('asks for the header in place of the subprotocols when so configured', () => {
  const rules: HandshakeRules = { ...RULES, auth: 'header' };
  const bySubprotocol = requestOf(...RIGHT);
  const byHeader = requestOf(...RIGHT.slice(0, -1), 'Authorization: Token the-secret');
  expect(handshakeViolations(byHeader, rules)).toEqual([]);
  expect(offeredSecret(byHeader, 'header')).toBe('the-secret');
  expect(handshakeViolations(bySubprotocol, rules)).toEqual([
    'unexpected header sec-websocket-protocol',
    'there is not exactly one Authorization header with the scheme Token',
  ]);
});
