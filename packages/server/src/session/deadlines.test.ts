import { beforeEach, describe, expect, it } from 'vitest';
import { createTestClock, type TestClock } from '../../test/support/test-clock.ts';
import { startDeadlines, type DeadlineLimits, type Deadlines } from './deadlines.ts';

const never: DeadlineLimits = {
  idleMs: Infinity,
  longestMs: Infinity,
  pingMs: Infinity,
  stallMs: Infinity,
  lagMs: Infinity,
  messageMs: Infinity,
};

let clock: TestClock;
let traffic: number;
let signs: number;
let came: number;
let isUnread: boolean;
let open: number | undefined;
let backlog: { client: number; upstream: number };
let mayPing: boolean;
let told: string[];

function start(limits: Partial<DeadlineLimits>, expiresAtMs?: number): Deadlines {
  return startDeadlines(
    clock,
    { ...never, ...limits },
    {
      traffic: () => traffic,
      clientSigns: () => signs,
      fromClient: () => came,
      isClientUnread: () => isUnread,
      openMessage: () => open,
      backlog: (side) => backlog[side],
      pingClient: () => {
        if (mayPing) told.push('ping');
        return mayPing;
      },
      expiresAtMs,
      onDeadline: (name) => told.push(name),
      onSilence: () => told.push('silence'),
    },
  );
}

beforeEach(() => {
  clock = createTestClock();
  traffic = 0;
  signs = 0;
  came = 0;
  isUnread = false;
  open = undefined;
  backlog = { client: 1_000, upstream: 1_000 };
  mayPing = true;
  told = [];
});

describe('the longest session', () => {
  it('ends at its time, whatever passes', () => {
    start({ longestMs: 1_000 });
    clock.advance(999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['SessionLimit']);
  });
});

describe('the idle limit', () => {
  it('ends a session in which nothing was ever sent, at the latest a quarter late', () => {
    start({ idleMs: 1_000 });
    clock.advance(999);
    expect(told).toEqual([]);
    clock.advance(251);
    expect(told).toEqual(['IdleTimeout']);
  });

  it('starts anew with every byte, also of a message that is not complete', () => {
    start({ idleMs: 1_000 });
    for (let second = 0; second < 10; second += 1) {
      traffic += 1;
      clock.advance(900);
    }
    expect(told).toEqual([]);
    clock.advance(1_000);
    expect(told[0]).toBe('IdleTimeout');
  });

  it('is never reached early, wherever the last frame falls', () => {
    for (let at = 0; at < 1_000; at += 50) {
      told = [];
      const deadlines = start({ idleMs: 1_000 });
      clock.advance(at);
      traffic += 1;
      clock.advance(999);
      expect(told).toEqual([]);
      clock.advance(500);
      expect(told[0]).toBe('IdleTimeout');
      deadlines.stop();
    }
  });
});

describe('the watch over a silent client', () => {
  it('pings it twice, then gives it up', () => {
    start({ pingMs: 100 });
    clock.advance(100);
    expect(told).toEqual(['ping']);
    clock.advance(199);
    expect(told).toEqual(['ping', 'ping']);
    clock.advance(1);
    expect(told).toEqual(['ping', 'ping', 'silence']);
  });

  it('excuses one that is not read, and watches it again when it is', () => {
    start({ pingMs: 100 });
    isUnread = true;
    clock.advance(1_000);
    expect(told).not.toContain('silence');
    isUnread = false;
    signs += 1;
    clock.advance(200);
    expect(told).not.toContain('silence');
    clock.advance(100);
    expect(told.at(-1)).toBe('silence');
  });

  it.each(['client', 'upstream'] as const)('excuses it while the %s stalls', (side) => {
    const deadlines = start({ pingMs: 100 });
    deadlines.stalled(side, true);
    clock.advance(1_000);
    expect(told).not.toContain('silence');
    deadlines.stalled(side, false);
    clock.advance(300);
    expect(told.at(-1)).toBe('silence');
  });

  it('does not hold a ping against it that could not be sent', () => {
    start({ pingMs: 100 });
    mayPing = false;
    clock.advance(1_000);
    expect(told).toEqual([]);
    mayPing = true;
    clock.advance(299);
    expect(told).toEqual(['ping', 'ping']);
    clock.advance(1);
    expect(told.at(-1)).toBe('silence');
  });

  it('keeps one that answers, or talks, only now and then', () => {
    start({ pingMs: 100 });
    for (let round = 0; round < 20; round += 1) {
      if (round % 2 === 0) signs += 1;
      clock.advance(100);
    }
    expect(told).toHaveLength(20);
    expect(told).not.toContain('silence');
  });
});

describe('a lag', () => {
  /** Every quarter the client sends 1 000 bytes, and its upstream takes so many. */
  function talk(quarters: number, taken: number): void {
    for (let quarter = 0; quarter < quarters; quarter += 1) {
      clock.advance(99);
      came += 1_000;
      backlog.upstream = Math.max(0, backlog.upstream + 1_000 - taken);
      clock.advance(1);
    }
  }

  beforeEach(() => {
    backlog = { client: 50_000, upstream: 0 };
  });

  it('ends the session when the upstream takes all the while, and still has what came before', () => {
    start({ lagMs: 400 });
    talk(5, 100);
    expect(told).toEqual(['Stalled']);
  });

  it('ends it not before what waits is so old', () => {
    start({ lagMs: 400 });
    talk(4, 100);
    expect(told).toEqual([]);
  });

  it('is none where what waits has just come, however often', () => {
    start({ lagMs: 400 });
    talk(1, 0);
    talk(100, 1_000);
    expect(told).toEqual([]);
  });

  it('is forgotten when the upstream has taken all', () => {
    start({ lagMs: 400 });
    for (let round = 0; round < 10; round += 1) {
      talk(4, 100);
      talk(1, 9_000);
    }
    expect(told).toEqual([]);
  });

  it('of a client that is slow is none', () => {
    start({ lagMs: 400 });
    talk(100, 1_000);
    expect([told, backlog.upstream]).toEqual([[], 0]);
  });
});

describe('the expiry of the credential', () => {
  it('ends the session at its moment', () => {
    start({}, clock.now() + 500);
    clock.advance(499);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['AuthExpired']);
  });

  it('that has passed already ends it at once', () => {
    start({}, clock.now() - 1);
    clock.advance(0);
    expect(told).toEqual(['AuthExpired']);
  });

  it('does nothing when there is none', () => {
    start({});
    clock.advance(1e12);
    expect(told).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});

describe('a stall', () => {
  it('ends the session when it lasts', () => {
    const deadlines = start({ stallMs: 300 });
    deadlines.stalled('client', true);
    clock.advance(299);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['Stalled']);
  });

  it('that passes in time does not add to the next', () => {
    const deadlines = start({ stallMs: 300 });
    for (let round = 0; round < 5; round += 1) {
      deadlines.stalled('client', true);
      clock.advance(299);
      deadlines.stalled('client', false);
      clock.advance(1_000);
    }
    expect(told).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  it('does not end the session while the side still takes something', () => {
    const deadlines = start({ stallMs: 300 });
    deadlines.stalled('client', true);
    for (let round = 0; round < 5; round += 1) {
      backlog.client -= 1;
      clock.advance(300);
    }
    expect(told).toEqual([]);
    clock.advance(300);
    expect(told).toEqual(['Stalled']);
  });

  it('is judged by the backlog of its own side', () => {
    const deadlines = start({ stallMs: 300 });
    deadlines.stalled('client', true);
    backlog.upstream = 0;
    clock.advance(300);
    expect(told).toEqual(['Stalled']);
  });

  it('ends the session also when the backlog grows, since that is not taking', () => {
    const deadlines = start({ stallMs: 300 });
    deadlines.stalled('upstream', true);
    backlog.upstream += 5_000;
    clock.advance(300);
    expect(told).toEqual(['Stalled']);
  });

  it('of one side is not ended by the other side catching up', () => {
    const deadlines = start({ stallMs: 300 });
    deadlines.stalled('client', true);
    deadlines.stalled('upstream', true);
    deadlines.stalled('upstream', false);
    clock.advance(300);
    expect(told).toEqual(['Stalled']);
  });
});

describe('a message of the client', () => {
  it('that never ends ends the session, at the latest a quarter late', () => {
    start({ messageMs: 1_000 });
    open = 7;
    clock.advance(999);
    expect(told).toEqual([]);
    clock.advance(251);
    expect(told).toEqual(['PolicyViolation']);
  });

  it('never ends it early, wherever it begins', () => {
    for (let at = 0; at < 500; at += 50) {
      [told, open] = [[], undefined];
      const deadlines = start({ messageMs: 1_000 });
      clock.advance(at);
      open = 1;
      clock.advance(999);
      expect(told).toEqual([]);
      clock.advance(251);
      expect(told).toEqual(['PolicyViolation']);
      deadlines.stop();
    }
  });

  it('may follow another without a gap for as long as each ends in time', () => {
    start({ messageMs: 1_000 });
    for (let number = 0; number < 20; number += 1) {
      open = number;
      clock.advance(900);
    }
    expect(told).toEqual([]);
  });

  it('that ends in time does not add to the next', () => {
    start({ messageMs: 1_000 });
    for (let round = 0; round < 5; round += 1) {
      open = 1;
      clock.advance(750);
      open = undefined;
      clock.advance(250);
    }
    expect(told).toEqual([]);
  });

  it('may take its time where there is no limit', () => {
    start({});
    open = 1;
    clock.advance(1e12);
    expect(told).toEqual([]);
  });
});

describe('stop', () => {
  it('undoes everything, in any state and twice', () => {
    const limits = { idleMs: 100, longestMs: 100, pingMs: 100, stallMs: 100, lagMs: 100, messageMs: 100 };
    const deadlines = start(limits, clock.now() + 100);
    deadlines.stalled('client', true);
    deadlines.stalled('upstream', true);
    deadlines.stop();
    deadlines.stop();
    expect(clock.pending()).toBe(0);
    clock.advance(10_000);
    expect(told).toEqual([]);
  });
});
