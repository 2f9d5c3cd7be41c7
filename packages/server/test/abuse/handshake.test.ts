import { expect, test } from 'vitest';
import { CLOSE_ROWS, WEBSOCKET_VERSION } from '../../src/contract/index.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { ROUTE } from '../support/abuse-bench.ts';
import { headerOf, type RawClient } from '../support/raw-client.ts';
import type { RawUpgradeOptions } from '../support/raw-request.ts';

type Request = Partial<RawUpgradeOptions>;

/** Sends the request with a valid token wherever it does not name a target of its own. */
const ask =
  (request: Request) =>
  (bench: AbuseBench): Promise<RawClient> =>
    bench.upgrade(request);

const targets: [target: string, status: number][] = [
  ['//', 400],
  ['//[::1', 400],
  ['//evil.example/deepgram-proxy', 404],
  ['//@evil.example/deepgram-proxy', 400],
  ['http://evil.example/deepgram-proxy', 400],
  ['http://[::1', 400],
  ['/\\evil.example', 400],
  ['/deepgram-proxy#fragment', 400],
  ['*', 400],
  ['/', 404],
  ['/nowhere', 404],
  ['/deepgram-proxy/', 404],
  ['/Deepgram-Proxy', 404],
  ['/x/../deepgram-proxy', 404],
  ['/%64eepgram-proxy', 404],
  ['/deepgram-proxy%2e', 404],
  ['/deepgram-proxy%00', 404],
  ['/constructor', 404],
];

test.for(targets)('answers the request target %s with HTTP %i', async ([target, status], context) => {
  await runAbuseCase(context, {
    attack: ask({ target }),
    wire: { http: status, error: status === 404 ? 'not_found' : 'bad_request' },
  });
});

const bodies: [what: string, request: Request][] = [
  ['Content-Length and the body', { headers: { 'Content-Length': '5' }, tail: 'hello' }],
  ['Content-Length of nothing', { headers: { 'Content-Length': '0' } }],
  ['a chunked body', { headers: { 'Transfer-Encoding': 'chunked' }, tail: '5\r\nhello\r\n0\r\n\r\n' }],
  [
    'a body that hides a second request',
    { headers: { 'Content-Length': '36' }, tail: 'GET /health HTTP/1.1\r\nHost: inside\r\n\r\n' },
  ],
];

test.for(bodies)('refuses an upgrade with %s', async ([, request], context) => {
  await runAbuseCase(context, {
    attack: ask(request),
    wire: { http: 400, error: 'bad_request' },
    also: async ({ clients }) =>
      expect(clients[0]?.received.toString().match(/HTTP\/1\.1/g), 'answers').toHaveLength(1),
  });
});

const forms: [what: string, status: number, error: string, request: Request][] = [
  ['a POST', 405, 'method_not_allowed', { method: 'POST' }],
  // Answered as a plain request, whose connection would live on.
  [
    'an upgrade to HTTP/2',
    426,
    'upgrade_required',
    { headers: { Upgrade: 'h2c', Connection: 'Upgrade, close' } },
  ],
  ['version 8', 426, 'upgrade_required', { headers: { 'Sec-WebSocket-Version': '8' } }],
  ['no version', 426, 'upgrade_required', { headers: { 'Sec-WebSocket-Version': null } }],
  ['no key', 400, 'bad_request', { headers: { 'Sec-WebSocket-Key': null } }],
  ['a short key', 400, 'bad_request', { headers: { 'Sec-WebSocket-Key': 'c2hvcnQ=' } }],
  [
    'two keys',
    400,
    'bad_request',
    { headers: { 'Sec-WebSocket-Key': ['AAAAAAAAAAAAAAAAAAAAAA==', 'BBBBBBBBBBBBBBBBBBBBBB=='] } },
  ],
  ['a Host with a space', 400, 'bad_request', { headers: { Host: 'evil example' } }],
  [
    'two Authorization headers',
    400,
    'bad_request',
    { headers: { Authorization: ['Bearer one', 'Bearer two'] } },
  ],
  ['an empty Host', 400, 'bad_request', { headers: { Host: '' } }],
  ['a Host of 300 bytes', 400, 'bad_request', { headers: { Host: 'h'.repeat(300) } }],
  ['a gap in the subprotocols', 400, 'bad_request', { headers: { 'Sec-WebSocket-Protocol': 'one,,two' } }],
  ['a subprotocol twice', 400, 'bad_request', { headers: { 'Sec-WebSocket-Protocol': 'one, one' } }],
  [
    'a subprotocol with characters that none may hold',
    400,
    'bad_request',
    { headers: { 'Sec-WebSocket-Protocol': 'token, not/a(token)' } },
  ],
  ['a query over the limit', 414, 'uri_too_long', { target: `${ROUTE}?x=${'x'.repeat(12_290)}` }],
];

test.for(forms)('refuses an upgrade with %s by HTTP %i', async ([, status, error, request], context) => {
  await runAbuseCase(context, { attack: ask(request), wire: { http: status, error } });
});

test('names the version that it speaks to a client with another one', async (context) => {
  await runAbuseCase(context, {
    attack: ask({ headers: { 'Sec-WebSocket-Version': '25' } }),
    wire: { http: 426 },
    async also({ clients: [client] }) {
      const response = await client?.response();
      expect(response && headerOf(response, 'Sec-WebSocket-Version')).toBe(String(WEBSOCKET_VERSION));
    },
  });
});

/** Refused by Node's parser, which answers without a body. */
const unreadable: [what: string, status: number, request: Request][] = [
  ['no Host', 400, { headers: { Host: null } }],
  ['a NUL in a header', 400, { rawLines: ['X-Odd: a\0b'] }],
  ['a line that ends in a bare LF', 400, { rawLines: ['X-Odd: a\nX-Even: b'] }],
  ['a header of 17 KB', 431, { headers: { 'X-Long': 'x'.repeat(17_000) } }],
  ['a header of 40 KB', 431, { headers: { 'X-Long': 'x'.repeat(40_000) } }],
  [
    'both Content-Length and chunks',
    400,
    { headers: { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }, tail: '0\r\n\r\n' },
  ],
];

test.for(unreadable)('survives an upgrade with %s', async ([, status, request], context) => {
  await runAbuseCase(context, {
    async attack(bench) {
      const client = await bench.upgrade(request);
      expect((await client.response()).status).toBe(status);
      await client.waitForClose();
    },
    wire: 'nothing',
  });
});

test('takes a second HTTP request behind the upgrade for broken frames, and never routes it', async (context) => {
  await runAbuseCase(context, {
    attack: ask({ tail: 'GET /health HTTP/1.1\r\nHost: inside\r\n\r\n' }),
    wire: { ended: 'ProtocolError' },
    dials: 1,
    async also({ clients: [client] }) {
      expect(client?.received.toString('latin1')).not.toContain('healthy');
    },
  });
});

test.for([
  'permessage-deflate; server_max_window_bits=99',
  Array.from({ length: 700 }, () => 'permessage-deflate').join(','),
])('negotiates no extension, whatever is offered (%#)', async (offer, context) => {
  await runAbuseCase(context, {
    async attack(bench) {
      const client = await bench.upgrade({ headers: { 'Sec-WebSocket-Extensions': offer } });
      expect(headerOf(await client.response(), 'Sec-WebSocket-Extensions')).toBeUndefined();
      client.close(CLOSE_ROWS.IdleTimeout.code);
      return client;
    },
    wire: { passed: { code: CLOSE_ROWS.IdleTimeout.code, reason: '' } },
    dials: 1,
  });
});
