import { expect, test } from 'vitest';
import { readUpgradeRequest, type UpgradeRequest } from '../upgrade-request.ts';
import { deepgram } from '../vendors/deepgram.ts';
import { Credentials } from './credentials.ts';
import { judge, type JudgeOptions, type Verdict } from './judge.ts';

const RULES: JudgeOptions = {
  vendor: deepgram,
  credentials: new Credentials({ secret: 'the-secret', userTokens: ['alices-token'] }),
  host: '127.0.0.1:9',
  auth: [],
  headers: ['x-allowed', 'x-many-*'],
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

const verdictOn = (request: UpgradeRequest, rules = RULES): Verdict => judge(request, 'upgrade', rules);
const requestOf = (...lines: string[]): UpgradeRequest => readUpgradeRequest(lines.join('\r\n'));
/** The right request with the line that starts like the given one replaced, or with the line added. */
function altered(line: string, like: string | undefined): UpgradeRequest {
  return requestOf(
    ...(like === undefined ? [...RIGHT, line] : RIGHT.map((one) => (one.startsWith(like) ? line : one))),
  );
}

test('finds nothing wrong with the documented handshake', () => {
  const { problems, isRight, request, subprotocol } = verdictOn(requestOf(...RIGHT));
  expect([problems, isRight, subprotocol]).toEqual([[], true, 'token']);
  expect([request.service, request.slot]).toEqual(['agent', 'subprotocol']);
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
    'there is not exactly the subprotocols token and a credential, alone, or the subprotocols bearer and a credential, alone',
    'Sec-WebSocket-Protocol: token',
    'Sec-WebSocket-Protocol',
  ],
  [
    'there is not exactly the subprotocols token and a credential, alone, or the subprotocols bearer and a credential, alone',
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
  expect(verdictOn(altered(line, like)).problems).toContain(violation);
});

test('takes what the listen service documents, repeated keys and what is allowed on top', () => {
  const target = '/v1/listen?model=nova-3&keyterm=a&keyterm=b&encoding=linear16&extra=1';
  const lines = [...RIGHT.slice(1), 'X-Allowed: yes', 'X-Many-More: yes'];
  const { request, problems } = verdictOn(requestOf(`GET ${target} HTTP/1.1`, ...lines));
  expect(problems).toEqual([]);
  expect(request.query.filter(([key]) => key === 'keyterm')).toEqual([
    ['keyterm', 'a'],
    ['keyterm', 'b'],
  ]);
});

test('asks for the header in place of the subprotocols when so configured', () => {
  const rules: JudgeOptions = { ...RULES, auth: ['header'] };
  const byHeader = requestOf(...RIGHT.slice(0, -1), 'Authorization: Token the-secret');
  expect(verdictOn(byHeader, rules)).toMatchObject({
    problems: [],
    isRight: true,
    request: { slot: 'header' },
  });
  expect(verdictOn(byHeader).isRight).toBe(false);
  expect(verdictOn(requestOf(...RIGHT), rules)).toMatchObject({
    isRight: false,
    problems: [
      'unexpected header sec-websocket-protocol',
      'there is not exactly one Authorization header with the scheme Token',
    ],
  });
});

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWFsaWNl';

test.each([
  [
    'a JSON Web Token in place of the secret',
    altered(`Sec-WebSocket-Protocol: token, ${TOKEN}`, 'Sec-WebSocket-P'),
  ],
  [
    'the token of a user in place of the secret',
    altered('Sec-WebSocket-Protocol: token, alices-token', 'Sec-WebSocket-P'),
  ],
  ['a JSON Web Token in the request', requestOf(`GET /v1/listen?tag=${TOKEN} HTTP/1.1`, ...RIGHT.slice(1))],
  ['the token of a user in the request', altered('X-Allowed: YWxpY2VzLXRva2Vu', undefined)],
])('finds: %s', (violation, request) => {
  expect(verdictOn(request).problems).toContain(violation);
});

test('takes an issued credential, and what a browser sends with it', () => {
  const issued = RULES.credentials.issue('mock-');
  const browser = ['Origin: http://page.example', 'User-Agent: Mozilla/5.0', 'Cache-Control: no-cache'];
  const request = requestOf(...RIGHT.slice(0, -1), `Sec-WebSocket-Protocol: bearer, ${issued}`, ...browser);
  expect(verdictOn(request)).toMatchObject({ problems: [], isRight: true, subprotocol: 'bearer' });
  const wrong = altered(`Sec-WebSocket-Protocol: token, ${issued}`, 'Sec-WebSocket-Protocol');
  expect(verdictOn(wrong)).toMatchObject({ problems: [], isRight: false });
});
