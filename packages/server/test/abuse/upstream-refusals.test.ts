import { expect, test } from 'vitest';
import { CLOSE_ROWS, type CloseName } from '../../src/contract/index.ts';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import { type AbuseBench, type BenchOptions, ROUTE } from '../support/abuse-bench.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import { headerOf, type RawClient } from '../support/raw-client.ts';
import { runSessionCase } from '../support/session-case.ts';

const go = (bench: AbuseBench): Promise<RawClient> => bench.upgrade();

/** As the vendor's SDK comes: with the user's token where the key would be. */
const goAsSdk = (bench: AbuseBench): Promise<RawClient> =>
  bench.upgrade({ target: ROUTE, headers: { 'Sec-WebSocket-Protocol': `token, ${bench.token()}` } });

interface Refusal {
  readonly title: string;
  readonly upstream: NonNullable<BenchOptions['upstream']>;
  readonly name: CloseName;
  readonly retryAfterSeconds?: number;
}

const refusal = (
  title: string,
  upstream: Refusal['upstream'],
  name: CloseName,
  retryAfterSeconds?: number,
): Refusal => ({
  title,
  upstream,
  name,
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

const answers = (
  status: number,
  more: { retryAfterSeconds?: number; body?: string } = {},
): ScenarioChoice => ({
  name: 'refuse',
  status,
  ...more,
});

const WRONG_DIGEST = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: {secret}',
  '',
  '',
].join('\r\n');

const refusals: Refusal[] = [
  refusal('that nobody can reach', 'unreachable', 'UpstreamUnavailable'),
  refusal('that answers 401', answers(401), 'UpstreamAuth'),
  refusal('that answers 403', answers(403), 'UpstreamAuth'),
  refusal('that answers 404', answers(404), 'UpstreamUnavailable'),
  refusal('that answers 429 with a wait', answers(429), 'UpstreamUnavailable', 7),
  refusal('that answers 500', answers(500), 'UpstreamUnavailable'),
  refusal('that answers 503 with a wait', answers(503, { retryAfterSeconds: 30 }), 'UpstreamUnavailable', 30),
  refusal(
    'that answers 200 with a page about the key',
    answers(200, { body: '<p>{secret} {secret:base64}' }),
    'UpstreamUnavailable',
  ),
  refusal('that answers what is not HTTP', 'rawAnswer', 'UpstreamUnavailable'),
  refusal(
    'that accepts with a wrong digest',
    { name: 'rawAnswer', text: WRONG_DIGEST },
    'UpstreamUnavailable',
  ),
  refusal('that redirects elsewhere', 'redirect', 'UpstreamUnavailable'),
  refusal(
    'that redirects to its own address for good',
    { name: 'redirect', status: 308, location: '/v1/agent/converse' },
    'UpstreamUnavailable',
  ),
];

test.for(refusals)('tells the client of an upstream $title', async ({ upstream, name, ...wait }, context) => {
  const { retryAfterSeconds } = wait;
  await runAbuseCase(context, {
    upstream,
    attack: go,
    wire: { told: name, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
    dials: 1,
  });
});

test.for(refusals)("tells a vendor's SDK by HTTP of an upstream $title", async (refused, context) => {
  const { upstream, name, retryAfterSeconds } = refused;
  await runAbuseCase(context, {
    upstream,
    attack: goAsSdk,
    wire: { http: CLOSE_ROWS[name].httpStatus, error: CLOSE_ROWS[name].word },
    dials: 1,
    async also({ clients: [client] }) {
      const response = await client?.response();
      expect(response && headerOf(response, 'Retry-After')).toBe(retryAfterSeconds?.toString());
    },
  });
});

test.for([0, -5, 1e300, NaN])(
  'passes on no wait when the upstream states %d seconds',
  async (seconds, context) => {
    await runAbuseCase(context, {
      upstream: answers(429, { retryAfterSeconds: seconds }),
      attack: go,
      wire: { told: 'UpstreamUnavailable' },
      dials: 1,
    });
  },
);

test('rounds a wait up to whole seconds', async (context) => {
  await runAbuseCase(context, {
    upstream: answers(429, { retryAfterSeconds: 1.2 }),
    attack: go,
    wire: { told: 'UpstreamUnavailable', retryAfterSeconds: 2 },
    dials: 1,
  });
});

test('gives up on an upstream that does not answer in time', async (context) => {
  await runAbuseCase(context, {
    upstream: 'silent',
    async attack(bench) {
      const client = await bench.dial();
      bench.clock.advance(9_999);
      expect(bench.proxy.sessions).toBe(1);
      bench.clock.advance(1);
      return client;
    },
    wire: { told: 'UpstreamTimeout' },
    dials: 1,
  });
});

const offers: [what: string, offer: (bench: AbuseBench) => string | null, echo: string | undefined][] = [
  ['offered none', () => null, undefined],
  ['offered our pair', (bench) => `voxproxy.v1, voxproxy.token.${bench.token()}`, 'voxproxy.v1'],
  ["offered the vendor's pair", (bench) => `token, ${bench.token()}`, 'token'],
];

test.for(offers)('keeps the key that the upstream selected from a client that %s', async (row, context) => {
  const [, offer, echo] = row;
  await runSessionCase(context, {
    upstream: 'selectsKey',
    asks(bench) {
      const offered = offer(bench);
      const target = offered === null ? bench.target() : ROUTE;
      return { target, headers: { 'Sec-WebSocket-Protocol': offered } };
    },
    async attack({ client }) {
      await client.waitForMessage();
      expect(headerOf(await client.response(), 'Sec-WebSocket-Protocol')).toBe(echo);
    },
  });
});
