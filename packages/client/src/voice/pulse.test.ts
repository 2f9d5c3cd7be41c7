import { expect, it } from 'vitest';
import { ManualScheduler } from '../../test/support/manual-scheduler.ts';
import { Pulse } from './pulse.ts';

function setUp() {
  const scheduler = new ManualScheduler();
  let told = 0;
  const pulse = new Pulse(scheduler, 100, () => told++);
  return { scheduler, pulse, told: () => told };
}

it('tells the first change at once and the next ones together after the interval', () => {
  const { scheduler, pulse, told } = setUp();
  pulse.changed();
  expect(told()).toBe(1);
  pulse.changed();
  pulse.changed();
  expect(told()).toBe(1);
  scheduler.advance(100);
  expect(told()).toBe(2);
});

it('leaves no timer when nothing changed for an interval, and begins anew', () => {
  const { scheduler, pulse, told } = setUp();
  pulse.changed();
  scheduler.advance(100);
  expect(scheduler.pending).toEqual([]);
  pulse.changed();
  expect(told()).toBe(2);
});

it('tells nothing after its end', () => {
  const { scheduler, pulse, told } = setUp();
  pulse.changed();
  pulse.changed();
  pulse.stop();
  scheduler.advance(1_000);
  expect(told()).toBe(1);
  expect(scheduler.pending).toEqual([]);
});
