import { expect, test } from 'vitest';
import { websocket } from '../../src/index.ts';
import { type AbuseBench, startBench } from '../support/abuse-bench.ts';
import { linesSaying } from '../support/abuse-case.ts';
import { eventually } from '../support/eventually.ts';
import { liveBufferBytes } from '../support/live-memory.ts';
import type { RawClient } from '../support/raw-client.ts';
import { type RawUpstream, startRawUpstream, switchingTo } from '../support/raw-upstream.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';

const CLIENTS = 40;
const EARLY_BYTES = 524_288;
const SENT_BYTES = 500_000;
const DIAL_MS = 15_000;
/** Each look collects garbage. */
const PATIENCE_MS = 6_000;

interface Crowd {
  readonly bench: AbuseBench;
  readonly upstream: RawUpstream;
  readonly clients: readonly RawClient[];
  /** Bytes of buffers in use above those before the first client. */
  held(): number;
}

/** Many clients that have sent almost as much as they may to an upstream that has not opened yet. */
async function startCrowd(context: TestCleanup): Promise<Crowd> {
  const upstream = await startRawUpstream(context, { onRequest: () => undefined });
  const url = `ws://127.0.0.1:${upstream.port}/v1`;
  const bench = await startBench(context, {
    attacked: { toRoute: () => websocket({ url, apiKey: MOCK_SECRET }) },
    proxy: { limits: { earlyBytes: EARLY_BYTES } },
  });
  const before = liveBufferBytes();
  const held = (): number => liveBufferBytes() - before;
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => bench.upgrade()));
  for (const client of clients) client.send(Buffer.alloc(SENT_BYTES, 1));
  await eventually(
    () => upstream.requests.length === CLIENTS && clients.every(({ unsentBytes }) => unsentBytes === 0),
    () => 'everything to be sent',
  );
  return { bench, upstream, clients, held };
}

const ends: [how: string, end: (crowd: Crowd) => unknown, line: string][] = [
  [
    'that leave',
    ({ clients }) => {
      for (const client of clients) client.reset();
    },
    'session ended',
  ],
  ['whose upstream never opens', ({ bench }) => bench.clock.advance(DIAL_MS), 'session ended'],
  [
    'whose upstream opens at last',
    ({ upstream: { connections, requests } }) => {
      for (const [at, socket] of connections.entries()) socket.write(switchingTo(requests[at] ?? ''));
    },
    'session started',
  ],
];

test.for(ends)(
  'holds no more than the budget of many early clients %s, and then nothing',
  { timeout: 15_000 },
  async ([, end, line], context) => {
    const crowd = await startCrowd(context);
    await eventually(
      () => crowd.held() > 0.9 * CLIENTS * SENT_BYTES,
      () => 'the bytes to be held',
      PATIENCE_MS,
    );
    expect(crowd.held()).toBeLessThan(1.2 * CLIENTS * EARLY_BYTES);
    await end(crowd);
    await eventually(
      () => crowd.held() < 0.1 * CLIENTS * SENT_BYTES,
      () => `the memory to be free again; ${crowd.held()} bytes are held`,
      PATIENCE_MS,
    );
    expect(linesSaying(crowd.bench.logs, line)).toHaveLength(CLIENTS);
  },
);
