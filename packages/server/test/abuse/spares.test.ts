/** Connections that were opened before anybody needed them, over real sockets: never shared, never used twice, never stale. */
import { expect, test } from 'vitest';
import {
  createVoiceProxy,
  deepgram,
  none,
  secretSource,
  withSpares,
  type ProviderKey,
} from '../../src/index.ts';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { eventually } from '../support/eventually.ts';
import { startKeyedUpstream } from '../support/keyed-upstream.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { createTestClock } from '../support/test-clock.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';

const [KEY, NEXT] = ['first-key-0a1b2c3d4e5f6071', 'next-key-ffeeddccbbaa9988'] as const;
const KEPT_MS = 10_000;
const IDLE_MS = 2_000;

async function start(context: TestCleanup, apiKey: ProviderKey = KEY, count = 1) {
  const upstream = await startKeyedUpstream(context, KEY, NEXT);
  const clock = createTestClock();
  const bare = deepgram({ apiKey, agentUrl: upstream.url });
  const route = withSpares(bare, { endpoint: 'agent', count, keptForMs: KEPT_MS, longestIdleMs: IDLE_MS });
  const proxy = createVoiceProxy({ auth: none(), clock, logger: false, routes: { '/agent': route } });
  context.onTestFinished(() => proxy.close());
  const { port } = await proxy.listen();
  const open = (): Promise<WsClient> => openWs(context, `ws://127.0.0.1:${port}/agent`);
  /** `count` connections were opened in all. */
  const untilOpened = async (opened: number): Promise<void> => void (await upstream.socket(opened - 1));
  const untilClosed = async (at: number): Promise<void> => {
    const socket = await upstream.socket(at);
    await eventually(
      () => socket.readyState === socket.CLOSED,
      () => `connection ${at} to end`,
    );
  };
  return { upstream, clock, proxy, open, untilOpened, untilClosed };
}

const texts = (client: WsClient): string[] => client.frames.map(({ payload }) => payload.toString());

async function leave(client: WsClient): Promise<void> {
  client.close(NORMAL_CLOSURE);
  await client.waitForClose();
}

test('94: gives each client a connection of its own, with what the provider said on it, and none twice', async (context) => {
  const { upstream, open, untilOpened, untilClosed } = await start(context);
  const clients: WsClient[] = [];
  for (const [at, name] of ['one', 'two', 'three'].entries()) {
    // Of the first one nothing was kept; each later one was opened by the client before.
    if (at > 0) (await upstream.socket(at)).send(`hello ${name}`);
    const client = await open();
    clients.push(client);
    await untilOpened(at + 2);
    (await upstream.socket(at)).send(`to ${name}`);
    await client.waitForFrame(({ payload }) => payload.toString() === `to ${name}`);
  }
  expect(clients.map(texts)).toEqual([['to one'], ['hello two', 'to two'], ['hello three', 'to three']]);
  for (const client of clients) await leave(client);
  for (const at of [0, 1, 2]) await untilClosed(at);
  await open();
  const { readyState, OPEN } = await upstream.socket(3);
  expect(readyState).toBe(OPEN);
});

test('94: serves a client by another connection when the kept one has died', async (context) => {
  const { upstream, open, untilOpened } = await start(context);
  await open();
  await untilOpened(2);
  (await upstream.socket(1)).terminate();
  const client = await open();
  (await upstream.socket(2)).send('fresh');
  await client.waitForFrame(({ payload }) => payload.toString() === 'fresh');
});

test('94: ends one that grows old before its provider would, and opens none for nobody', async (context) => {
  const { upstream, clock, open, untilOpened, untilClosed } = await start(context);
  await leave(await open());
  const rounds = KEPT_MS / IDLE_MS;
  for (let round = 1; round <= rounds; round += 1) {
    await untilOpened(1 + round);
    // Time stands still until the proxy knows of it, too.
    await eventually(
      () => clock.pending() === 1,
      () => 'the connection to be kept',
    );
    clock.advance(IDLE_MS);
    await untilClosed(round);
  }
  expect([clock.pending(), upstream.asked.length]).toEqual([0, 1 + rounds]);
});

test('94: leaves one alone that was opened with a key that was replaced', async (context) => {
  let kept: string = KEY;
  const source = secretSource({ load: () => kept, refreshMs: 1_000 });
  const { upstream, clock, open, untilOpened } = await start(context, source);
  await open();
  await untilOpened(2);
  kept = NEXT;
  clock.advance(1_000);
  const client = await open();
  (await upstream.socket(2)).send('with the next key');
  await client.waitForFrame(({ payload }) => payload.includes('next'));
  expect(upstream.asked.slice(0, 3)).toEqual([KEY, KEY, NEXT]);
});

test('94: tells no client a key that the provider said before there was one', async (context) => {
  const { upstream, open, untilOpened } = await start(context);
  await open();
  await untilOpened(2);
  (await upstream.socket(1)).send(`{"type":"Welcome","key":"${KEY}"}`);
  (await upstream.socket(1)).send('{"type":"Next"}');
  const client = await open();
  await client.waitForFrame(({ payload }) => payload.includes('Next'));
  expect(texts(client).join()).not.toContain(KEY);
});

test.for(['drain', 'close'] as const)(
  '94: ends them at once with %s(), and opens no more',
  async (end, context) => {
    const { upstream, proxy, open, untilOpened, untilClosed } = await start(context, KEY, 2);
    await leave(await open());
    await untilOpened(3);
    const first = await upstream.socket(1);
    const code = new Promise((resolve) => void first.once('close', resolve));
    await proxy[end]();
    expect(await code).toBe(NORMAL_CLOSURE);
    await untilClosed(2);
    expect(upstream.asked).toHaveLength(3);
  },
);

test('94: opens none while the provider refuses the key, beyond those of clients', async (context) => {
  const { upstream, open, untilOpened } = await start(context);
  await open();
  await untilOpened(2);
  upstream.take();
  await open();
  const { code } = CLOSE_ROWS.UpstreamAuth;
  for (let count = 0; count < 3; count += 1) expect((await (await open()).waitForClose()).code).toBe(code);
  // Two that were taken, one spare that was refused, and a dial for each client.
  expect(upstream.asked).toHaveLength(2 + 1 + 3);
});
