import { expect, test } from 'vitest';
import { createCountingClock, createTestClock } from './test-clock.ts';

test('runs what falls due in order of time, and sees the right time meanwhile', () => {
  const clock = createTestClock(1000);
  const seen: [string, number][] = [];
  const note = (name: string) => (): void => void seen.push([name, clock.now()]);
  clock.after(30, note('late'));
  clock.after(10, () => {
    note('early')();
    clock.after(5, note('set meanwhile'));
  });
  clock.every(20, note('again'));
  clock.advance(45);
  expect(seen).toEqual([
    ['early', 1010],
    ['set meanwhile', 1015],
    ['again', 1020],
    ['late', 1030],
    ['again', 1040],
  ]);
  expect([clock.now(), clock.pending()]).toEqual([1045, 1]);
});

test('counts timers until they have run or are cancelled, however often', () => {
  const clock = createTestClock();
  const cancels = [clock.after(1, () => {}), clock.after(2, () => {}), clock.every(3, () => {})];
  clock.after(Infinity, () => {});
  clock.every(Infinity, () => {});
  expect(clock.pending()).toBe(3);
  clock.advance(1);
  expect(clock.pending()).toBe(2);
  for (const cancel of [...cancels, ...cancels]) cancel();
  expect(clock.pending()).toBe(0);
});

test('stops a repetition that cancels itself, and survives one without a period', () => {
  const clock = createTestClock();
  let runs = 0;
  const cancel = clock.every(0, () => {
    runs++;
    if (runs === 3) cancel();
  });
  clock.advance(100);
  expect([runs, clock.pending()]).toEqual([3, 0]);
});

test('counts real timers, one that has run and one that was cancelled no more', async () => {
  const clock = createCountingClock();
  const stop = clock.every(60_000, () => {});
  const cancel = clock.after(60_000, () => {});
  expect(clock.pending()).toBe(2);
  stop();
  cancel();
  cancel();
  await new Promise<void>((resolve) => {
    clock.after(1, resolve);
    expect(clock.pending()).toBe(1);
  });
  expect(clock.pending()).toBe(0);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
});
