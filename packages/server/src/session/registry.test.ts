import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLeg } from '../leg/memory-leg.ts';
import { createTestClock, type TestClock } from '../../test/support/test-clock.ts';
import { createRegistry, type Registry } from './registry.ts';
import { CLIENT_LEFT, createSession, type Session } from './session.ts';

const limits = {
  idleMs: Infinity,
  longestMs: Infinity,
  pingMs: Infinity,
  stallMs: Infinity,
  lagMs: Infinity,
  messageMs: Infinity,
  closeMs: 50,
};

let clock: TestClock;
let registry: Registry;

beforeEach(() => {
  clock = createTestClock();
  registry = createRegistry(clock);
});

function add(legs?: { client: MemoryLeg; upstream: MemoryLeg }): Session {
  const session = createSession(clock, {
    id: 'x',
    dialect: 'plain',
    limits,
    endsAtMs: undefined,
    redact: (reason) => reason,
    onFailed: () => undefined,
    onEnded: (ended) => registry.remove(ended),
  });
  registry.add(session);
  if (legs) session.open(legs);
  return session;
}

/** Whether a promise has resolved, once everything that was about to happen has happened. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  return done;
}

describe('a registry', () => {
  it('counts sessions from admission to end', () => {
    const [one, two] = [add(), add()];
    expect(registry.size).toBe(2);
    one.end(CLIENT_LEFT);
    one.end(CLIENT_LEFT);
    expect(registry.size).toBe(1);
    two.end(CLIENT_LEFT);
    expect(registry.size).toBe(0);
  });

  it('counts a session until both its legs are gone', () => {
    const legs = { client: new MemoryLeg(), upstream: new MemoryLeg() };
    add(legs).end({ by: 'proxy', name: 'SessionLimit' });
    legs.client.terminate();
    expect(registry.size).toBe(1);
    legs.upstream.terminate();
    expect(registry.size).toBe(0);
  });
});

describe('drain', () => {
  it('is done at once when there is nothing to wait for, and says so from then on', async () => {
    expect(registry.isDraining).toBe(false);
    await registry.drain(1_000);
    expect(registry.isDraining).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it('lets sessions end by themselves within the grace', async () => {
    const session = add();
    const drained = registry.drain(1_000);
    clock.advance(999);
    expect(session.cause).toBeUndefined();
    expect(await isDone(drained)).toBe(false);
    session.end(CLIENT_LEFT);
    await drained;
    expect(session.cause).toBe(CLIENT_LEFT);
    expect(clock.pending()).toBe(0);
  });

  it('closes the rest as draining when the grace is over, also those that came during it', async () => {
    const first = add();
    const drained = registry.drain(1_000);
    const second = add();
    clock.advance(1_000);
    await drained;
    for (const session of [first, second]) expect(session.cause).toEqual({ by: 'proxy', name: 'Draining' });
  });

  it('waits for the last leg of the last session', async () => {
    const legs = { client: new MemoryLeg(), upstream: new MemoryLeg() };
    add(legs);
    const drained = registry.drain(1_000);
    clock.advance(1_000);
    legs.client.terminate();
    expect(await isDone(drained)).toBe(false);
    clock.advance(limits.closeMs);
    await drained;
    expect(legs.upstream.calls).toContain('terminate');
    expect(clock.pending()).toBe(0);
  });

  it('is shortened by a second call, and both are then done', async () => {
    const session = add();
    const drains = [registry.drain(10_000), registry.drain(100)];
    clock.advance(100);
    await Promise.all(drains);
    expect(session.cause).toMatchObject({ name: 'Draining' });
    expect(clock.pending()).toBe(0);
  });

  it('is not lengthened by a second call', async () => {
    add();
    const drains = [registry.drain(100), registry.drain(10_000)];
    clock.advance(100);
    await Promise.all(drains);
    expect(clock.pending()).toBe(0);
  });
});

describe('close', () => {
  it('ends all at once, in the middle of a drain too', async () => {
    const sessions = [add(), add(), add()];
    const drained = registry.drain(10_000);
    await registry.close();
    await drained;
    for (const { cause } of sessions) expect(cause).toEqual({ by: 'proxy', name: 'Draining' });
    expect(clock.pending()).toBe(0);
  });

  it('of an empty registry is done at once, and twice', async () => {
    await registry.close();
    await registry.close();
    expect(registry.isDraining).toBe(true);
  });
});
