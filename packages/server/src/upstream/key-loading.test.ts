import { beforeEach, describe, expect, it } from 'vitest';
import { createTestClock, type TestClock } from '../../test/support/test-clock.ts';
import { ConfigError } from '../errors.ts';
import { createKeyLoading, type KeyLoading, type KeyLog } from './key-loading.ts';
import type { KeyRing } from './key-ring.ts';
import { toKeys } from './provider-key.ts';
import { secretSource } from './secret-sources.ts';

const SLOT = { in: 'header', name: 'x-key', format: '{key}' } as const;
const GONE = Object.assign(new Error('vault says key-0'), { code: 'ECONNREFUSED' });

let clock: TestClock;
let told: object[];
let loads: number;
let load: (signal: AbortSignal) => Promise<string | string[]> | string | string[];
let ring: KeyRing;

const log: KeyLog = {
  replaced: (facts) => void told.push({ replaced: facts }),
  loadFailed: (facts) => void told.push(facts),
};

function start(): KeyLoading {
  const source = secretSource({
    load: (signal) => {
      loads += 1;
      return load(signal);
    },
    refreshMs: 10_000,
    timeoutMs: 500,
  });
  ring = toKeys('x().apiKey', source, SLOT, 'X');
  return createKeyLoading([ring], clock, log);
}

const used = (): string[] => ring.candidates().map((key) => key.reveal());

beforeEach(() => {
  clock = createTestClock();
  told = [];
  loads = 0;
  load = () => Promise.resolve('key-0');
});

describe('the first load', () => {
  it('begins at once, and is waited for by all who need a key', async () => {
    const loading = start();
    expect([loads, loading.areLoaded()]).toEqual([1, false]);
    await Promise.all([loading.ready(ring), loading.ready(ring), loading.loadAll()]);
    expect([used(), loads, loading.areLoaded(), told]).toEqual([['key-0'], 1, true, []]);
    expect(loading.ready(ring)).toBeUndefined();
  });

  it('that fails lets nobody in, says so at the start, and is tried again, not at once', async () => {
    load = () => Promise.reject(GONE);
    const loading = start();
    await expect(loading.loadAll()).rejects.toThrow(/^x\(\)\.apiKey: cannot be loaded \(ECONNREFUSED\)\./);
    await expect(loading.ready(ring)).rejects.toMatchObject({ closeName: 'UpstreamUnavailable' });
    expect([loads, told]).toEqual([1, [{ option: 'x().apiKey', why: 'ECONNREFUSED', ageMs: undefined }]]);
    load = () => 'key-1';
    clock.advance(1_000);
    await loading.ready(ring);
    expect([used(), loads]).toEqual([['key-1'], 2]);
  });

  it('is begun again by whoever asks whether there are keys', async () => {
    load = () => Promise.reject(GONE);
    const loading = start();
    await loading.ready(ring)?.catch(() => undefined);
    load = () => 'key-1';
    clock.advance(1_000);
    expect(loading.areLoaded()).toBe(false);
    await loading.ready(ring);
    expect(loading.areLoaded()).toBe(true);
  });

  it.each([
    ['of nothing', () => '', 'is missing'],
    ['of no keys', () => [], 'has 0 keys'],
    ['of too many', () => Array.from({ length: 17 }, (_, at) => `key-${at}`), 'has 17 keys'],
    ['of a key that cannot travel', () => 'a\nb', 'has a character'],
    ['of no text', () => 5 as never, 'TypeError'],
    [
      'with a key in its code',
      () => Promise.reject(Object.assign(new Error('x'), { code: 'key=0a1b' })),
      'Error',
    ],
  ])('%s has failed', async (_, loaded, why) => {
    load = loaded;
    const loading = start();
    await expect(loading.ready(ring)).rejects.toMatchObject({ closeName: 'UpstreamUnavailable' });
    expect(told).toEqual([expect.objectContaining({ why: expect.stringContaining(why) })]);
    expect(JSON.stringify(told)).not.toContain('0a1b');
    expect(clock.pending()).toBe(0);
    const failure = await loading.loadAll().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    const says = `x\\(\\)\\.apiKey: (cannot be loaded \\()?${why}`;
    expect(failure).toMatchObject({ message: expect.stringMatching(new RegExp(`^${says}`)) });
  });

  it('is told that it is not waited for any more', async () => {
    let given: AbortSignal | undefined;
    load = (signal) => {
      given = signal;
      return new Promise(() => undefined);
    };
    const wait = start().ready(ring);
    clock.advance(500);
    await expect(wait).rejects.toThrow('no key');
    expect([given?.aborted, clock.pending()]).toEqual([true, 0]);
    expect(told).toMatchObject([{ why: 'no answer in time' }]);
  });
});

describe('a later load', () => {
  it('comes with whoever needs a key that is old, who gets the new one', async () => {
    const loading = start();
    await loading.loadAll();
    load = () => 'key-1';
    clock.advance(9_999);
    expect(loading.ready(ring)).toBeUndefined();
    clock.advance(1);
    await loading.ready(ring);
    expect([used(), loads]).toEqual([['key-1', 'key-0'], 2]);
    expect(told).toEqual([{ replaced: { option: 'x().apiKey', keys: 1 } }]);
  });

  it('that fails leaves the last keys in use, tells their age and none of what the source said', async () => {
    const loading = start();
    await loading.loadAll();
    load = () => Promise.reject(GONE);
    clock.advance(12_000);
    await loading.ready(ring);
    expect([used(), loading.areLoaded()]).toEqual([['key-0'], true]);
    expect(told).toEqual([{ option: 'x().apiKey', why: 'ECONNREFUSED', ageMs: 12_000 }]);
    expect(loading.ready(ring)).toBeUndefined();
    clock.advance(10_000);
    load = () => 'key-1';
    await loading.ready(ring);
    expect(used()).toEqual(['key-1', 'key-0']);
  });
});

describe('a later load that takes long', () => {
  const hang = (): Promise<string> => new Promise(() => undefined);

  it('is waited for briefly by those that have a key, and told when it has failed', async () => {
    const loading = start();
    await loading.loadAll();
    load = hang;
    clock.advance(10_000);
    const [first, second] = [loading.ready(ring), loading.ready(ring)];
    clock.advance(250);
    await Promise.all([first, second, loading.ready(ring)]);
    expect([used(), loads, told]).toEqual([['key-0'], 2, []]);
    clock.advance(250);
    await loading.renew(ring);
    expect(told).toEqual([{ option: 'x().apiKey', why: 'no answer in time', ageMs: 10_500 }]);
    expect([loading.ready(ring), clock.pending()]).toEqual([undefined, 0]);
  });

  it('gives its key to those that come after it', async () => {
    const loading = start();
    await loading.loadAll();
    let give: ((key: string) => void) | undefined;
    load = () => new Promise((resolve) => (give = resolve));
    clock.advance(10_000);
    const wait = loading.ready(ring);
    clock.advance(250);
    await wait;
    const done = loading.renew(ring);
    give?.('key-1');
    await done;
    expect([used(), loading.ready(ring), loads]).toEqual([['key-1', 'key-0'], undefined, 2]);
  });
});

describe('a load because a key was refused', () => {
  it('comes before the key is old, and not again at once', async () => {
    const loading = start();
    await loading.loadAll();
    load = () => 'key-1';
    clock.advance(4_999);
    expect(loading.renew(ring)).toBeUndefined();
    clock.advance(1);
    const both = [loading.renew(ring), loading.renew(ring)];
    expect(loading.ready(ring)).toBeUndefined();
    await Promise.all(both);
    expect([used(), loads, loading.renew(ring)]).toEqual([['key-1', 'key-0'], 2, undefined]);
  });

  it('that fails leaves the key in use', async () => {
    const loading = start();
    await loading.loadAll();
    load = () => Promise.reject(GONE);
    clock.advance(5_000);
    await loading.renew(ring);
    expect([used(), loads, told]).toMatchObject([['key-0'], 2, [{ ageMs: 5_000 }]]);
  });
});

describe('the end', () => {
  it('aborts what is loaded, without a word', async () => {
    let given: AbortSignal | undefined;
    load = (signal) => {
      given = signal;
      return new Promise(() => undefined);
    };
    const loading = start();
    const wait = loading.ready(ring);
    loading.stop();
    await expect(wait).rejects.toThrow('no key');
    expect([given?.aborted, clock.pending(), told]).toEqual([true, 0, []]);
    clock.advance(5_000);
    await expect(loading.ready(ring)).rejects.toThrow('no key');
    expect(loads).toBe(1);
  });
});

it('waits for nothing where keys are written into the options', async () => {
  const written = toKeys('x().apiKey', ['key-0', 'key-1'], SLOT, 'X');
  const loading = createKeyLoading([written], clock, log);
  expect([loading.areLoaded(), loading.ready(written), loading.renew(written)]).toEqual([
    true,
    undefined,
    undefined,
  ]);
  await loading.loadAll();
});

it.each([
  [[], 'x().apiKey', 'has 0 keys'],
  [['a', ''], 'x().apiKey[1]', 'is missing'],
  [['a', 'b c'], 'x().apiKey[1]', 'has a character'],
])('refuses the keys %j', (keys, option, says) => {
  const make = (): unknown => toKeys('x().apiKey', keys, SLOT, 'X');
  expect(make).toThrow(ConfigError);
  expect(make).toThrow(expect.objectContaining({ option, message: expect.stringContaining(says) }));
});
