import { describe, expect, it } from 'vitest';
import { websocket } from '../../src/index.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { type AbuseCase, linesSaying, runAbuseCase } from '../support/abuse-case.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import { startRawUpstream, type RawUpstream } from '../support/raw-upstream.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';

interface DeadUpstream extends RawUpstream {
  /** Whether it drops connections; otherwise it takes them and says nothing. */
  isDropping: boolean;
}

async function startDeadUpstream(test: TestCleanup): Promise<DeadUpstream> {
  const state = { isDropping: true };
  const upstream = await startRawUpstream(test, {
    onConnection(socket) {
      if (state.isDropping) socket.destroy();
      return false;
    },
  });
  return Object.assign(state, upstream);
}

const untilConnections = ({ connections }: RawUpstream, count: number): Promise<void> =>
  eventually(
    () => connections.length === count,
    () => `${count} connections, not ${connections.length}`,
  );

const before = ({ port }: RawUpstream): NonNullable<AbuseCase['attacked']> => ({
  toRoute: () => websocket({ url: `ws://127.0.0.1:${port}/v1`, apiKey: MOCK_SECRET }),
});

/** One client after the other, each of which is told. Returns the last, which is still there. */
async function reconnect(bench: AbuseBench, times: number): Promise<RawClient | undefined> {
  let client: RawClient | undefined;
  for (let count = 0; count < times; count += 1) {
    client?.destroy();
    client = await bench.upgrade();
    await client.waitForCloseFrame();
  }
  return client;
}

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  it('97: dial a dead upstream five times for 100 quick reconnects, and tell the wait', async (context) => {
    const upstream = await startDeadUpstream(context);
    await runAbuseCase(context, {
      proxy: { legs },
      attacked: before(upstream),
      async attack(bench) {
        (await reconnect(bench, 100))?.destroy();
        return bench.upgrade();
      },
      wire: { told: 'UpstreamUnavailable', dialect: 'plain', retryAfterSeconds: 1 },
      also({ logs }) {
        expect(upstream.connections).toHaveLength(5);
        expect(linesSaying(logs, 'provider is down')).toHaveLength(1);
      },
    });
  });

  it('97: dial a dead upstream for one client at a time afterwards', async (context) => {
    const upstream = await startDeadUpstream(context);
    await runAbuseCase(context, {
      proxy: { legs },
      attacked: before(upstream),
      async attack(bench) {
        await reconnect(bench, 5);
        upstream.isDropping = false;
        bench.clock.advance(1_000);
        const leaver = await bench.upgrade();
        await untilConnections(upstream, 6);
        await reconnect(bench, 20);
        leaver.destroy();
        await eventually(
          () => bench.proxy.sessions === 0,
          () => 'the leaver to be noticed',
        );
        const next = await bench.upgrade();
        await untilConnections(upstream, 7);
        bench.clock.advance(10_000);
        return next;
      },
      wire: { told: 'UpstreamTimeout', dialect: 'plain' },
    });
  });

  it('97: dial a dead upstream for every client where the breaker is off', async (context) => {
    const upstream = await startDeadUpstream(context);
    await runAbuseCase(context, {
      proxy: { legs, breaker: false },
      attacked: before(upstream),
      attack: (bench) => reconnect(bench, 20),
      wire: { told: 'UpstreamUnavailable', dialect: 'plain' },
      also: () => expect(upstream.connections).toHaveLength(20),
    });
  });
});
