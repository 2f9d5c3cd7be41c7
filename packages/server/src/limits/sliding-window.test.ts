import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import { SlidingWindow } from './sliding-window.ts';

const RULE = { max: 3, windowMs: 60_000 };

function open(mostKeys?: number) {
  const clock = createTestClock();
  return { clock, window: new SlidingWindow(RULE, clock.now, mostKeys) };
}

describe('a sliding window', () => {
  it('takes so many, and tells the true wait for the next', () => {
    const { clock, window } = open();
    for (const used of [1, 2, 3]) {
      expect(window.take('a')).toMatchObject({ isTaken: true, used, remaining: 3 - used });
      clock.advance(1_000);
    }
    expect(window.take('a')).toEqual({ isTaken: false, used: 3, remaining: 0, waitMs: 57_000 });
    clock.advance(56_999);
    expect(window.take('a')).toMatchObject({ isTaken: false, waitMs: 1 });
    clock.advance(1);
    expect(window.take('a')).toMatchObject({ isTaken: true, used: 3, waitMs: 1_000 });
  });

  it('does not count what it turned away, nor a look', () => {
    const { clock, window } = open();
    for (let at = 0; at < 10; at += 1) window.take('a');
    for (let at = 0; at < 10; at += 1) window.look('a');
    clock.advance(60_000);
    expect(window.look('a')).toEqual({ used: 0, remaining: 3, waitMs: 0 });
  });

  it.each(['b', 'a ', '', '__proto__', 'constructor'])('counts %j by itself', (key) => {
    const { window } = open();
    for (let at = 0; at < 5; at += 1) window.take('a');
    expect(window.take(key)).toMatchObject({ isTaken: true, used: 1 });
  });

  it('locks nobody out when the clock is set back', () => {
    const clock = createTestClock();
    let shiftMs = 0;
    const window = new SlidingWindow(RULE, () => clock.now() + shiftMs);
    for (let at = 0; at < 5; at += 1) window.take('a');
    shiftMs = -7_200_000;
    expect(window.take('a')).toMatchObject({ isTaken: true });
  });

  it('keeps the counts that it has when more keys come than it follows; those share one window', () => {
    const { window } = open(2);
    for (const key of ['a', 'a', 'a', 'b']) window.take(key);
    expect([1, 2, 3, 4, 5].map((at) => window.take(`new ${at}`).isTaken)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(window.look('a').used).toBe(3);
    expect(window.look('b').used).toBe(1);
  });

  it('forgets keys whose window has passed, and has room for others', () => {
    const { clock, window } = open(2);
    for (const key of ['a', 'b', 'c']) window.take(key);
    clock.advance(60_000);
    expect(['d', 'e'].map((key) => window.take(key).used)).toEqual([1, 1]);
    expect(window.look('f').used).toBe(0);
  });
});
