import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import type { CloseName } from '../contract/index.ts';
import { ProxyError } from '../errors.ts';
import type { Leg } from '../leg/leg.ts';
import { addressRefused } from './address-rules.ts';
import { noAnswerInTime } from './answer-check.ts';
import { MOST_CIRCUITS, withBreaker } from './breaker.ts';
import { deepgram } from './presets/deepgram.ts';
import { Stop } from '../stop-signal.ts';

const ROUTE = deepgram({ apiKey: 'a-key-that-must-not-be-told' });
const TARGET = { service: 'agent', url: 'wss://up.test/v1?a=1' };
const LEG = {} as Leg;
const RULES = { failures: 3, shortestMs: 1_000, longestMs: 3_000 };
const down = (): ProxyError => new ProxyError('UpstreamUnavailable', 'down', { tells: 'down' });
const answered = (name: CloseName): ProxyError => new ProxyError(name, 'failed', { tells: 'there' });
const cancelled = (): ProxyError => new ProxyError('Internal', 'cancelled');

interface Pending {
  resolve(leg: Leg): void;
  reject(error: Error): void;
}

/** A breaker before dials that end as the test says; without jitter unless told. */
function rig(random = 1) {
  const clock = createTestClock();
  const dials: Pending[] = [];
  const told: string[] = [];
  const dial = withBreaker(() => new Promise((resolve, reject) => dials.push({ resolve, reject })), {
    clock,
    rules: RULES,
    random: () => random,
    onOpened: ({ provider, service }) => told.push(`opened ${provider} ${service}`),
    onClosed: ({ provider, service }) => told.push(`closed ${provider} ${service}`),
  });
  /** What became of a dial: the leg, or the error. */
  const go = (target = TARGET, route = ROUTE): Promise<unknown> =>
    dial(route, target, new Stop()).catch((error: unknown) => error);
  const end = async (error: ProxyError | undefined, target = TARGET, route = ROUTE): Promise<unknown> => {
    const count = dials.length;
    const going = go(target, route);
    if (dials.length === count) return going;
    if (error) dials.at(-1)?.reject(error);
    else dials.at(-1)?.resolve(LEG);
    return going;
  };
  const failTimes = async (times: number, target = TARGET): Promise<void> => {
    for (let count = 0; count < times; count += 1) await end(down(), target);
  };
  return { clock, dials, told, go, end, failTimes };
}

describe('a breaker', () => {
  it('keeps its times when the date is set back', async () => {
    const { clock, end, failTimes } = rig();
    await failTimes(3);
    clock.setBack(3_600_000);
    clock.advance(1_000);
    expect(await end(undefined)).toBe(LEG);
  });

  it('fails at once, with the wait, after dials in a row that found the provider down', async () => {
    const { clock, dials, told, end, failTimes } = rig();
    await failTimes(3);
    clock.advance(400);
    expect(await end(undefined)).toMatchObject({ closeName: 'UpstreamUnavailable', retryAfterMs: 600 });
    expect(dials).toHaveLength(3);
    expect(told).toEqual(['opened deepgram agent']);
    expect(clock.pending()).toBe(0);
  });

  it('counts time limits as outages', async () => {
    const { dials, end } = rig();
    for (let count = 0; count < 5; count += 1) await end(noAnswerInTime());
    expect(dials).toHaveLength(3);
  });

  it.each<[string, ProxyError | undefined]>([
    ['success', undefined],
    ['refused key', answered('UpstreamAuth')],
    ['refused request', answered('UpstreamUnavailable')],
  ])('begins to count again after a %s', async (_title, outcome) => {
    const { dials, end, failTimes } = rig();
    for (let round = 0; round < 3; round += 1) {
      await failTimes(2);
      await end(outcome);
    }
    expect(dials).toHaveLength(9);
  });

  it.each([
    ['clients that leave', cancelled],
    ['addresses that may not be dialled', addressRefused],
  ])('neither counts %s nor takes them for a success', async (_title, failure) => {
    const { dials, end, failTimes } = rig();
    await failTimes(2);
    for (let count = 0; count < 5; count += 1) await end(failure());
    await failTimes(2);
    expect(dials).toHaveLength(8);
  });

  it('goes on failing at once after a probe to an address that may not be dialled', async () => {
    const { clock, dials, told, end, failTimes } = rig();
    await failTimes(3);
    clock.advance(1_000);
    await end(addressRefused());
    expect(told).toEqual(['opened deepgram agent']);
    await end(down());
    expect(await end(undefined)).toMatchObject({ retryAfterMs: 2_000 });
    expect(dials).toHaveLength(5);
  });

  it('lets one probe through at a time', async () => {
    const { clock, dials, told, go, end, failTimes } = rig();
    await failTimes(3);
    clock.advance(1_000);
    const probe = go();
    expect(await end(undefined)).toMatchObject({ retryAfterMs: RULES.shortestMs });
    expect(dials).toHaveLength(4);
    dials[3]?.resolve(LEG);
    expect(await probe).toBe(LEG);
    expect(await end(undefined)).toBe(LEG);
    expect(told).toEqual(['opened deepgram agent', 'closed deepgram agent']);
  });

  it('gives the place of a probe to the next when its client leaves', async () => {
    const { clock, dials, end, failTimes } = rig();
    await failTimes(3);
    clock.advance(1_000);
    await end(cancelled());
    expect(await end(undefined)).toBe(LEG);
    expect(dials).toHaveLength(5);
  });

  it('waits twice as long after each failed probe, up to the longest time, and says so once', async () => {
    const { clock, told, end, failTimes } = rig();
    await failTimes(3);
    const waits: unknown[] = [];
    for (const ms of [1_000, 2_000, 3_000, 3_000]) {
      waits.push(await end(undefined));
      clock.advance(ms);
      await end(down());
    }
    expect(waits).toMatchObject([1_000, 2_000, 3_000, 3_000].map((retryAfterMs) => ({ retryAfterMs })));
    expect(told).toEqual(['opened deepgram agent']);
  });

  it('shortens the wait by no more than half', async () => {
    const { end, failTimes } = rig(0);
    await failTimes(3);
    expect(await end(undefined)).toMatchObject({ retryAfterMs: 500 });
  });

  it('does not wait longer for dials that began before the others had failed', async () => {
    const { dials, go, end, failTimes } = rig();
    const early = [go(), go()];
    await failTimes(3);
    for (const dial of dials.slice(0, 2)) dial.reject(down());
    await Promise.all(early);
    expect(await end(undefined)).toMatchObject({ retryAfterMs: 1_000 });
  });

  it('keeps origins, endpoints and routes apart, but not queries', async () => {
    const { end, failTimes } = rig();
    await failTimes(3);
    expect(await end(undefined, { ...TARGET, url: 'wss://up.test/v1?a=2' })).toBeInstanceOf(ProxyError);
    expect(await end(undefined, TARGET, { ...ROUTE, registered: ROUTE })).toBeInstanceOf(ProxyError);
    expect(await end(undefined, { ...TARGET, url: 'wss://other.test/v1' })).toBe(LEG);
    expect(await end(undefined, { ...TARGET, service: 'listen' })).toBe(LEG);
    expect(await end(undefined, TARGET, { ...ROUTE })).toBe(LEG);
  });

  it('remembers no more than so many addresses of a route', async () => {
    const { end, failTimes } = rig();
    await failTimes(3);
    for (let count = 0; count < MOST_CIRCUITS; count += 1)
      await failTimes(1, { ...TARGET, url: `wss://n${count}.test/` });
    expect(await end(undefined)).toBe(LEG);
  });
});
