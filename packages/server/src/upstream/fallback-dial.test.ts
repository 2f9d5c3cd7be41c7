import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import { ProxyError } from '../errors.ts';
import type { Leg } from '../leg/leg.ts';
import { Stop } from '../stop-signal.ts';
import { addressRefused } from './address-rules.ts';
import { dialCancelled, noAnswerInTime, refusalOf } from './answer-check.ts';
import { createFallbackDial } from './fallback-dial.ts';
import type { Target } from './target.ts';
import { websocket } from './websocket.ts';
import { withFallback } from './with-fallback.ts';

const URLS = ['wss://one.test/', 'wss://two.test/', 'wss://three.test/'] as const;
const BARE = websocket({ url: URLS[0], apiKey: 'a-key-that-must-not-be-told' });
const ROUTE = withFallback(BARE, { urls: [URLS[1], URLS[2]], totalMs: 15_000 });
const TARGET: Target = { service: 'socket', url: URLS[0], others: [URLS[1], URLS[2]] };
const LEG = {} as Leg;
const down = (retryAfterMs?: number): ProxyError =>
  new ProxyError('UpstreamUnavailable', 'down', {
    tells: 'down',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

interface Pending {
  readonly target: Target;
  resolve(leg: Leg): void;
  reject(error: Error): void;
}

/** Dials that end as the test says, or as cancelled when they are told to stop. */
function rig() {
  const clock = createTestClock();
  const dials: Pending[] = [];
  const told: string[] = [];
  const stopped: unknown[] = [];
  const dial = createFallbackDial(
    (_, target, signal) =>
      new Promise((resolve, reject) => {
        dials.push({ target, resolve, reject });
        const onAbort = (): void => {
          stopped.push(signal.reason);
          reject(dialCancelled());
        };
        if (signal.aborted) onAbort();
        signal.addEventListener('abort', onAbort);
      }),
    { clock, onFellBack: ({ service, address, why }) => told.push(`${service} ${address}: ${why}`) },
  );
  const client = new Stop();
  const go = (target = TARGET, route = ROUTE): Promise<unknown> =>
    dial(route, target, client).catch((error: unknown) => error);
  /** Each dial ends so, in this order. */
  const run = async (...ends: readonly (ProxyError | Leg)[]): Promise<unknown> => {
    const going = go();
    for (const [at, end] of ends.entries()) {
      await settled();
      if (end instanceof Error) dials[at]?.reject(end);
      else dials[at]?.resolve(end);
    }
    return going;
  };
  return { clock, dials, told, stopped, client, go, run };
}

/** What promises had to do is done. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a dial with further addresses', () => {
  it('dials the next address once the one before is down', async () => {
    const { clock, dials, told, run } = rig();
    expect(await run(down(), noAnswerInTime(), LEG)).toBe(LEG);
    expect(dials.map(({ target }) => target)).toEqual(
      URLS.map((url, at) => ({ service: 'socket', url, address: `${at + 1} of 3` })),
    );
    expect(told).toEqual(['socket 2 of 3: down', 'socket 3 of 3: no answer to the handshake in time']);
    expect(clock.pending()).toBe(0);
  });

  it('dials none before the one before has ended', async () => {
    const { dials, go, client } = rig();
    const going = go();
    await settled();
    expect(dials).toHaveLength(1);
    client.abort();
    expect(await going).toMatchObject({ closeName: 'Internal' });
    expect(dials).toHaveLength(1);
  });

  it.each([
    ['a refused key', refusalOf(401, undefined)],
    ['a request that is refused', refusalOf(400, undefined)],
    ['too many requests', refusalOf(429, '7')],
    ['an address that may not be dialled', addressRefused()],
    ['a client that leaves', new ProxyError('Internal', 'cancelled')],
  ])('dials no further address for %s', async (_title, failure) => {
    const { clock, dials, told, run } = rig();
    expect(await run(failure)).toBe(failure);
    expect([dials.length, told.length, clock.pending()]).toEqual([1, 0, 0]);
  });

  it('says what the last address said when all are down', async () => {
    const last = noAnswerInTime();
    expect(await rig().run(down(1_000), down(), last)).toBe(last);
  });

  it.each([
    [[5_000, 1_000, 3_000], 1_000],
    [[1_000, 5_000, 3_000], 1_000],
    [[5_000, undefined, 1_000], undefined],
    [[1_000, 5_000, undefined], undefined],
  ])('tells of the waits %j the soonest: %s', async (waits, soonest) => {
    expect(await rig().run(...waits.map((wait) => down(wait)))).toMatchObject({ retryAfterMs: soonest });
  });

  it('ends with the time for all addresses, and what is dialled with it', async () => {
    const { clock, dials, go } = rig();
    const going = go();
    clock.advance(10_000);
    dials[0]?.reject(noAnswerInTime());
    await settled();
    expect(dials).toHaveLength(2);
    clock.advance(5_000);
    expect(await going).toMatchObject({ closeName: 'UpstreamTimeout' });
    expect(dials).toHaveLength(2);
  });

  it('tells what is dialled when the time is over why, and of a client that leaves nothing', async () => {
    const [late, left] = [rig(), rig()];
    const goings = [late.go(), left.go()];
    late.clock.advance(15_000);
    left.client.abort();
    expect(await goings[0]).toMatchObject({ closeName: 'UpstreamTimeout' });
    expect(await goings[1]).toMatchObject({ closeName: 'Internal' });
    expect([late.stopped, left.stopped]).toMatchObject([[{ tells: 'down' }], [undefined]]);
    expect([late.dials.length, late.told]).toEqual([1, []]);
  });

  it('is the dial as it was where there are no further addresses', async () => {
    const { clock, dials, go } = rig();
    const going = go({ service: 'socket', url: URLS[0] }, BARE);
    expect(clock.pending()).toBe(0);
    const failure = down();
    dials[0]?.reject(failure);
    expect(await going).toBe(failure);
  });
});
