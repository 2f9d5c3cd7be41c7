import { expect, it } from 'vitest';
import { socketsHeard } from '../clock.ts';
import { Stop } from '../stop-signal.ts';
import { firstKey, type KeyedParts, otherKey } from './key-choice.ts';
import { KeyRing } from './key-ring.ts';
import { Secret } from './secret.ts';

const [ONE, TWO] = [new Secret('key-one'), new Secret('key-two')];
const forever = new Promise<void>(() => undefined);

const partsOf = (wait: Promise<void> | undefined): KeyedParts => ({
  loading: { ready: () => wait, renew: () => wait },
  onRefused: () => undefined,
});

it('gives the next key without a wait for its source', async () => {
  const ring = new KeyRing([ONE, TWO]);
  expect(await otherKey(partsOf(forever), ring, ONE, new Stop())).toBe(TWO);
});

it('gives none where the source has no other', async () => {
  const parts = partsOf(Promise.resolve());
  expect(await otherKey(parts, new KeyRing([ONE]), ONE, new Stop())).toBeUndefined();
});

it.each([
  ['a first key', (stop: Stop) => firstKey(partsOf(forever), new KeyRing([ONE]), stop)],
  ['another key', (stop: Stop) => otherKey(partsOf(forever), new KeyRing([ONE]), ONE, stop)],
])('waits for %s no longer than its client stays', async (_, choose) => {
  const [leaving, left] = [new Stop(), new Stop()];
  left.abort();
  const waits = [choose(leaving), choose(left)];
  leaving.abort();
  for (const wait of waits) await expect(wait).rejects.toThrow('the client has left');
});

it('hears of a source that fails also when its client has left before', async () => {
  const left = new Stop();
  left.abort();
  const failing = Promise.reject(new Error('no key'));
  const unheard: unknown[] = [];
  const note = (error: unknown): unknown => unheard.push(error);
  process.on('unhandledRejection', note);
  await expect(firstKey(partsOf(failing), new KeyRing([ONE]), left)).rejects.toThrow('the client has left');
  await socketsHeard();
  process.off('unhandledRejection', note);
  expect(unheard).toEqual([]);
});
