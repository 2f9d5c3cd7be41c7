import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import { ENTRA_KEYS, entraToken, TENANT } from '../../test/support/entra-token.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { entra } from './entra.ts';
import type { Authenticator } from './authenticator.ts';

const MINE = 'https://mine.example';
const NOW_MS = Date.UTC(2026, 0, 1);

interface Rig {
  readonly auth: Authenticator;
  readonly clock: ReturnType<typeof createTestClock>;
  readonly fetches: () => number;
}

async function start(test: TestCleanup, answer: RequestListener): Promise<Rig> {
  let fetches = 0;
  const server = createServer((request, response) => {
    fetches += 1;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const clock = createTestClock(NOW_MS);
  const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  return { auth: entra({ tenantId: TENANT, jwks, clock }), clock, fetches: () => fetches };
}

const UPGRADE = { method: 'GET', target: '/', header: () => undefined };
const token = (kid = 'key-1'): string => entraToken({ audience: MINE, header: { kid }, nowMs: NOW_MS });
const ask = ({ auth }: Rig, text = token(), atMs = NOW_MS): Promise<unknown> =>
  auth.authenticate(text, atMs, { ...UPGRADE, audiences: [MINE] });
const good: RequestListener = (_, response) => void response.end(JSON.stringify(ENTRA_KEYS));

it('fetches keys once for many tokens at once, and again when they are old', async (context) => {
  const rig = await start(context, good);
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => ask(rig)));
  for (const outcome of outcomes) expect(outcome).toHaveProperty('principal');
  expect(rig.fetches()).toBe(1);
  await ask(rig, token(), NOW_MS + 700_000);
  expect(rig.fetches()).toBe(2);
});

it('fetches at most once more for tokens with made-up key ids', async (context) => {
  const rig = await start(context, good);
  await ask(rig);
  for (let count = 0; count < 50; count += 1)
    expect(await ask(rig, token(`../${count}`), NOW_MS + 31_000)).toMatchObject({ refusal: 'AuthInvalid' });
  expect(rig.fetches()).toBe(2);
});

const bad: [what: string, answer: RequestListener][] = [
  ['an error', (_, response) => void response.writeHead(500).end()],
  ['a redirect', (_, response) => void response.writeHead(302, { Location: '/other' }).end()],
  ['a page', (_, response) => void response.end('<html>')],
  ['no keys', (_, response) => void response.end('{"keys":[]}')],
  [
    'too many keys',
    (_, response) => void response.end(JSON.stringify({ keys: Array.from({ length: 10_000 }, () => ({})) })),
  ],
  ['too many bytes', (_, response) => void response.end('x'.repeat(2_000_000))],
];

it.for(bad)(
  'rejects, and does not ask again at once, when the address answers with %s',
  async ([, answer], context) => {
    const rig = await start(context, answer);
    for (let count = 0; count < 5; count += 1)
      await expect(ask(rig)).rejects.toMatchObject({ closeName: 'AuthUnavailable' });
    expect(rig.fetches()).toBe(1);
    expect(rig.clock.pending()).toBe(0);
  },
);

it('gives up an address that does not answer', async (context) => {
  let hasAsked = (): void => undefined;
  const asked = new Promise<void>((resolve) => (hasAsked = resolve));
  const rig = await start(context, () => hasAsked());
  const asking = ask(rig);
  await asked;
  rig.clock.advance(5_000);
  await expect(asking).rejects.toMatchObject({ closeName: 'AuthUnavailable' });
});

it('goes on with old keys while new ones cannot be had', async (context) => {
  let isUp = true;
  const rig = await start(context, (request, response) => {
    if (isUp) good(request, response);
    else response.writeHead(503).end();
  });
  await ask(rig);
  isUp = false;
  expect(await ask(rig, token(), NOW_MS + 700_000)).toHaveProperty('principal');
  await expect(ask(rig, token(), NOW_MS + 90_000_000)).rejects.toMatchObject({
    closeName: 'AuthUnavailable',
  });
});
