/** What counts as trying. */
import { expect, test } from 'vitest';
import { ManualScheduler } from '../../test/support/manual-scheduler.ts';
import { GiveUpClock } from './give-up-clock.ts';

function clockOf(limitMs: number) {
  const scheduler = new ManualScheduler();
  const clock = { ends: 0 };
  const giveUp = new GiveUpClock(limitMs, scheduler, () => (clock.ends += 1));
  return { scheduler, clock, giveUp };
}

test('calls once when the time is used up', () => {
  const { scheduler, clock, giveUp } = clockOf(1_000);
  giveUp.run();
  giveUp.run();
  scheduler.advance(999);
  expect(clock.ends).toBe(0);
  scheduler.advance(5_000);
  expect(clock.ends).toBe(1);
});

test('does not count the time while it is paused', () => {
  const { scheduler, clock, giveUp } = clockOf(1_000);
  giveUp.run();
  scheduler.advance(600);
  giveUp.pause();
  scheduler.advance(60_000);
  expect(scheduler.pending).toEqual([]);
  giveUp.run();
  scheduler.advance(399);
  expect(clock.ends).toBe(0);
  scheduler.advance(1);
  expect(clock.ends).toBe(1);
});

test('starts from zero after a reset', () => {
  const { scheduler, clock, giveUp } = clockOf(1_000);
  giveUp.run();
  scheduler.advance(900);
  giveUp.reset();
  expect(scheduler.pending).toEqual([]);
  giveUp.run();
  scheduler.advance(999);
  expect(clock.ends).toBe(0);
});

test('never calls without a limit', () => {
  const { scheduler, clock, giveUp } = clockOf(Infinity);
  giveUp.run();
  scheduler.advance(1e12);
  giveUp.pause();
  expect(clock.ends).toBe(0);
  expect(scheduler.pending).toEqual([]);
});
