import { expect, it } from 'vitest';
import { ManualScheduler } from '../../test/support/manual-scheduler.ts';
import { KeepAlive } from './keep-alive.ts';

function setUp() {
  const scheduler = new ManualScheduler();
  const calls: number[] = [];
  const keepAlive = new KeepAlive(scheduler, 5_000, () => {
    calls.push(scheduler.now());
    keepAlive.sent();
  });
  const start = scheduler.now();
  return { scheduler, keepAlive, at: () => calls.map((time) => time - start) };
}

it('calls back after every stretch of silence', () => {
  const { scheduler, keepAlive, at } = setUp();
  keepAlive.start();
  scheduler.advance(12_000);
  expect(at()).toEqual([5_000, 10_000]);
});

it('counts the silence from the last frame, and never lets it last longer', () => {
  const { scheduler, keepAlive, at } = setUp();
  keepAlive.start();
  scheduler.advance(4_000);
  keepAlive.sent();
  scheduler.advance(4_999);
  expect(at()).toEqual([]);
  scheduler.advance(1);
  expect(at()).toEqual([9_000]);
});

it('stays silent before its start and after its end, and leaves no timer', () => {
  const { scheduler, keepAlive, at } = setUp();
  keepAlive.sent();
  scheduler.advance(6_000);
  keepAlive.start();
  keepAlive.start();
  expect(scheduler.pending.length).toBe(1);
  keepAlive.stop();
  expect(scheduler.pending).toEqual([]);
  expect(at()).toEqual([]);
});
