import { expect, test } from 'vitest';
import { CLOSE_ROWS, type CloseName, MAX_TOKEN_LENGTH } from '../../src/contract/index.ts';
import type { Authenticator } from '../../src/index.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import { type AbuseBench, ROUTE } from '../support/abuse-bench.ts';
import type { TokenShape } from '../support/make-token.ts';
import { headerOf } from '../support/raw-client.ts';
import type { RawUpgradeOptions } from '../support/raw-request.ts';
import { runSessionCase } from '../support/session-case.ts';
import { createTestSignal } from '../support/test-signal.ts';

type Place = (token: string) => Partial<RawUpgradeOptions>;

const offer = (protocols: string): Partial<RawUpgradeOptions> => ({
  target: ROUTE,
  headers: { 'Sec-WebSocket-Protocol': protocols },
});
const authorize = (value: string): Partial<RawUpgradeOptions> => ({
  target: ROUTE,
  headers: { Authorization: value },
});

/** Where a token may stand, and whether its client is told over the socket or by an HTTP status. */
const places: [place: string, told: boolean, put: Place][] = [
  ['?token=', true, (token) => ({ target: `${ROUTE}?token=${token}` })],
  ['Authorization', true, (token) => authorize(`Bearer ${token}`)],
  ['our subprotocol pair', true, (token) => offer(`voxproxy.v1, voxproxy.token.${token}`)],
  ["the vendor's subprotocols", false, (token) => offer(`token, ${token}`)],
  ["the vendor's header", false, (token) => authorize(`Token ${token}`)],
];

const faults: [fault: string, name: CloseName, make: (bench: AbuseBench) => string][] = [
  ['malformed', 'AuthInvalid', () => 'not-a-token'],
  ['cut short', 'AuthInvalid', (bench) => bench.token().slice(0, -8)],
  ['signed with another secret', 'AuthInvalid', tokenOf({ secret: 'another-secret-that-is-as-long-as-it' })],
  ['signed with another algorithm', 'AuthInvalid', tokenOf({ header: { alg: 'HS512' }, hash: 'sha512' })],
  ['not signed at all', 'AuthInvalid', tokenOf({ header: { alg: 'none' }, signature: '' })],
  ['expired', 'AuthExpired', (bench) => bench.token({ nowMs: bench.clock.now() - 306_000 })],
];

function tokenOf(shape: TokenShape): (bench: AbuseBench) => string {
  return (bench) => bench.token(shape);
}

const matrix = places.flatMap(([place, told, put]) =>
  faults.map(([fault, name, make]) => ({ place, told, put, fault, name, make })),
);

test.for(matrix)('refuses a token that is $fault, in $place', async ({ told, put, name, make }, context) => {
  const { httpStatus, word } = CLOSE_ROWS[name];
  await runAbuseCase(context, {
    attack: (bench) => bench.upgrade(put(make(bench))),
    wire: told ? { told: name } : { http: httpStatus, error: word },
  });
});

const absent: [what: string, told: boolean, request: Partial<RawUpgradeOptions>][] = [
  ['no token', true, { target: ROUTE }],
  ['an empty token', true, { target: `${ROUTE}?token=` }],
  ['a session cookie only', true, { target: ROUTE, headers: { Cookie: 'session=abc; token=def' } }],
  ['another scheme of Authorization', true, authorize('Basic YWxpY2U6c2VjcmV0')],
  ['a subprotocol without a token', false, offer('token')],
  ['our subprotocol without its token', false, offer('voxproxy.v1')],
];

test.for(absent)('asks for a token when there is %s', async ([, told, request], context) => {
  const { httpStatus, word } = CLOSE_ROWS.AuthRequired;
  await runAbuseCase(context, {
    attack: (bench) => bench.upgrade(request),
    wire: told ? { told: 'AuthRequired' } : { http: httpStatus, error: word },
  });
});

test('answers a refused subprotocol pair with the plain one, as a browser demands', async (context) => {
  await runAbuseCase(context, {
    attack: (bench) => bench.upgrade(offer('voxproxy.v1, voxproxy.token.bad')),
    wire: { told: 'AuthInvalid' },
    async also({ clients: [client] }) {
      const response = await client?.response();
      expect(response && headerOf(response, 'Sec-WebSocket-Protocol')).toBe('voxproxy.v1');
    },
  });
});

const doubles: [what: string, ask: (one: string, other: string) => Partial<RawUpgradeOptions>][] = [
  ['twice in the query', (one, other) => ({ target: `${ROUTE}?token=${one}&token=${other}` })],
  ['with an encoded name', (one, other) => ({ target: `${ROUTE}?token=${one}&to%6ben=${other}` })],
  [
    'in query and Authorization',
    (one, other) => ({ target: `${ROUTE}?token=${one}`, headers: { Authorization: `Bearer ${other}` } }),
  ],
  [
    'in query and our subprotocol pair',
    (one, other) => ({
      target: `${ROUTE}?token=${one}`,
      headers: { 'Sec-WebSocket-Protocol': `voxproxy.v1, voxproxy.token.${other}` },
    }),
  ],
];

test.for(doubles)('refuses two different tokens, %s', async ([, ask], context) => {
  await runAbuseCase(context, {
    attack: (bench) => bench.upgrade(ask(bench.token(), bench.token({ claims: { sub: 'bob' } }))),
    wire: { told: 'BadRequest' },
  });
});

test("refuses two different tokens by HTTP when one stands in the vendor's slot", async (context) => {
  await runAbuseCase(context, {
    attack: (bench) =>
      bench.upgrade({
        target: `${ROUTE}?token=${bench.token({ claims: { sub: 'bob' } })}`,
        headers: { 'Sec-WebSocket-Protocol': `token, ${bench.token()}` },
      }),
    wire: { http: CLOSE_ROWS.BadRequest.httpStatus, error: CLOSE_ROWS.BadRequest.word },
  });
});

test('refuses a token over the limit before it is looked at', async (context) => {
  await runAbuseCase(context, {
    attack: (bench) => bench.upgrade(authorize(`Bearer ${'x'.repeat(MAX_TOKEN_LENGTH + 1)}`)),
    wire: { told: 'AuthInvalid' },
    also: ({ logs }) => expect(logs.join()).toContain('token too long'),
  });
});

test.for([8_000, MAX_TOKEN_LENGTH])(
  'tells of a bad token of %i characters in the query over the socket',
  async (length, context) => {
    await runAbuseCase(context, {
      attack: (bench) => bench.upgrade({ target: `${ROUTE}?token=${'x'.repeat(length)}&model=nova-3` }),
      wire: { told: 'AuthInvalid' },
      also: ({ logs }) => expect(logs.join()).not.toContain('token too long'),
    });
  },
);

test("never selects the credential of a vendor's pair in the wrong order", async (context) => {
  let jwt = '';
  await runSessionCase(context, {
    asks(bench) {
      jwt = bench.token({ claims: { sub: 'bob' } });
      const headers = {
        'Sec-WebSocket-Protocol': `${jwt}, token`,
        Authorization: `Bearer ${bench.token()}`,
      };
      return { target: ROUTE, headers };
    },
    async attack({ client }) {
      const response = await client.response();
      expect(response.status).toBe(101);
      expect(headerOf(response, 'Sec-WebSocket-Protocol')).toBe('token');
      expect(client.received.toString('latin1')).not.toContain(jwt);
    },
  });
});

test('gives up on authentication that hangs', async (context) => {
  const asked = createTestSignal();
  await runAbuseCase(context, {
    // The good client afterwards gets through.
    proxy: { auth: authThat((times) => (times > 1 ? ALICE : asked.tell(new Promise(() => {})))) },
    async attack(bench) {
      const client = await bench.upgrade();
      await asked.told();
      bench.clock.advance(9_999);
      expect(client.messages).toEqual([]);
      bench.clock.advance(1);
      return client;
    },
    wire: { told: 'AuthUnavailable' },
  });
});

const failures: [how: string, fail: () => never | Promise<never>][] = [
  ['throws', fail],
  ['rejects', () => Promise.reject(new Error(FAILURE))],
  // Applications reject with what they like.
  ['rejects with a text', () => Promise.reject(FAILURE)],
];

/** An exception's text as libraries write them: with the address, the token, or both. */
const FAILURE = 'GET https://auth.internal/check?token=the-token-of-alice failed';

function fail(): never {
  throw new Error(FAILURE);
}

test.for(failures)('hides why authentication %s, and logs it without its text', async ([, run], context) => {
  await runAbuseCase(context, {
    proxy: { auth: authThat((times) => (times > 1 ? ALICE : run())) },
    attack: (bench) => bench.upgrade(),
    wire: { told: 'AuthUnavailable' },
    also({ logs, clients: [client] }) {
      expect(logs.filter((line) => line.includes('unexpected failure'))).toHaveLength(1);
      expect(logs.join() + client?.received.toString('latin1')).not.toMatch(/auth\.internal|the-token/);
    },
  });
});

const ALICE = { principal: { id: 'alice' } };

type Outcome = Awaited<ReturnType<Authenticator['authenticate']>>;

/** Asks `answer` with the number of the call. */
function authThat(answer: (times: number) => Outcome | Promise<Outcome>): Authenticator {
  let times = 0;
  return { title: 'of a test', authenticate: () => Promise.resolve(answer((times += 1))) };
}
