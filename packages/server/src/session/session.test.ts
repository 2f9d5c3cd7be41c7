import { beforeEach, describe, expect, it } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE, readErrorFrame, type CloseName } from '../contract/index.ts';
import type { MemoryLeg } from '../leg/memory-leg.ts';
import { GONE, LIMITS, SessionRig, textsTo } from '../../test/support/session-rig.ts';
import { CLIENT_LEFT, type Session, type SessionPlan } from './session.ts';

const limits = { ...LIMITS, idleMs: 4_000, longestMs: 60_000 };

let rig = new SessionRig();
let { clock, client, upstream, ends } = rig;

beforeEach(() => {
  rig = new SessionRig();
  ({ clock, client, upstream, ends } = rig);
});

const create = (more: Partial<SessionPlan> = {}): Session => rig.create({ limits, ...more });
const open = (more: Partial<SessionPlan> = {}): Session => rig.open({ limits, ...more });

/** Pauses and resumes left out: the relay lets a leg that closes read on. */
const callsOf = (leg: MemoryLeg): string[] => leg.calls.filter((call) => !/^(pause|resume)/.test(call));

describe('a session without legs', () => {
  it('is over at once when it ends, tells so once, and aborts the dial', () => {
    const session = create();
    expect(session.signal.aborted).toBe(false);
    session.end(CLIENT_LEFT);
    session.end({ by: 'proxy', name: 'Internal' });
    session.terminate();
    expect(session.signal.aborted).toBe(true);
    expect(session.cause).toBe(CLIENT_LEFT);
    expect(ends).toEqual([CLIENT_LEFT]);
    expect(clock.pending()).toBe(0);
  });

  it('destroys legs that come too late, and does not end again', () => {
    const session = create();
    session.end(CLIENT_LEFT);
    session.open({ client, upstream });
    expect([client.calls, upstream.calls]).toEqual([['terminate'], ['terminate']]);
    expect(ends).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });
});

describe('a session that ends by the proxy', () => {
  it.each(['AuthExpired', 'Stalled', 'Draining', 'Internal', 'TooLarge'] as CloseName[])(
    'tells the client why (%s) before it closes, in the dialect, and closes the upstream normally',
    (name) => {
      const session = open();
      upstream.peerSends('last words');
      session.end({ by: 'proxy', name });
      const row = CLOSE_ROWS[name];
      expect(textsTo(client)[0]).toBe('last words');
      expect(readErrorFrame(textsTo(client)[1] ?? '')).toMatchObject({
        code: row.word,
        sessionId: 'session-1',
      });
      expect(JSON.parse(textsTo(client)[1] ?? '')).toHaveProperty('type', 'Error');
      expect(callsOf(client)).toEqual([`close ${row.code} ${row.word}`]);
      expect(callsOf(upstream)).toEqual([`close ${NORMAL_CLOSURE}`]);
      expect(upstream.sent).toEqual([]);
    },
  );

  it.each(['IdleTimeout', 'SessionLimit'] as CloseName[])(
    'by %s, which is no failure, says nothing before',
    (name) => {
      open().end({ by: 'proxy', name });
      expect(client.sent).toEqual([]);
      expect(callsOf(client)).toEqual([`close ${CLOSE_ROWS[name].code} ${CLOSE_ROWS[name].word}`]);
    },
  );

  it('tells the wait in the frame and in the reason', () => {
    open().end({ by: 'proxy', name: 'RateLimited', retryAfterMs: 4_200 });
    expect(readErrorFrame(textsTo(client)[0] ?? '')).toMatchObject({ retryAfterMs: 5_000 });
    expect(client.calls[0]).toMatch(/rate_limited retry_after=5$/);
  });

  it('is over once both legs are gone, not before', () => {
    open().end({ by: 'proxy', name: 'Draining' });
    client.peerEnds(GONE);
    expect(ends).toEqual([]);
    upstream.peerEnds(GONE);
    expect(ends).toEqual([{ by: 'proxy', name: 'Draining' }]);
    expect(clock.pending()).toBe(0);
  });

  it('destroys legs that do not answer the close in time', () => {
    open().end({ by: 'proxy', name: 'Draining' });
    client.peerEnds(GONE);
    clock.advance(limits.closeMs - 1);
    expect(upstream.calls).not.toContain('terminate');
    clock.advance(1);
    expect(upstream.calls.at(-1)).toBe('terminate');
    expect(client.calls).not.toContain('terminate');
    expect(ends).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  it('keeps its first cause, and closes each leg once', () => {
    const session = open();
    session.end({ by: 'proxy', name: 'SessionLimit' });
    session.end({ by: 'proxy', name: 'Internal' });
    client.peerEnds({ code: 4000, reason: 'late' });
    upstream.peerEnds({ code: 4000, reason: 'late' });
    expect(callsOf(client)).toHaveLength(1);
    expect(callsOf(upstream)).toHaveLength(1);
    expect(ends).toEqual([{ by: 'proxy', name: 'SessionLimit' }]);
  });
});

describe('a session whose judge of messages fails', () => {
  const judge = (): never => {
    throw new TypeError('of the judge');
  };

  it.each([
    ['up', () => client],
    ['down', () => upstream],
  ] as const)('tells of it once, and ends as a failure of ours (%s)', (direction, from) => {
    open({ [direction]: { judge, maxOpenedBytes: 100 } });
    for (const text of ['one', 'two']) from().peerSends(text);
    expect(rig.failures).toEqual([new TypeError('of the judge')]);
    expect(callsOf(client)).toEqual([`close ${CLOSE_ROWS.Internal.code} ${CLOSE_ROWS.Internal.word}`]);
  });
});

describe('a session that ends by a peer', () => {
  it('passes the upstream’s close to the client, cleaned', () => {
    open();
    upstream.peerEnds({ code: 4003, reason: 'host x' });
    expect(callsOf(client)).toEqual(['close 4003 clean(host x)']);
    expect(client.sent).toEqual([]);
    client.peerEnds({ code: 4003, reason: '' });
    expect(ends).toEqual([{ by: 'upstream', close: { code: 4003, reason: 'host x' } }]);
  });

  it('tells the client when the upstream has vanished', () => {
    open();
    upstream.peerEnds(GONE);
    const row = CLOSE_ROWS.UpstreamUnavailable;
    expect(readErrorFrame(textsTo(client)[0] ?? '')).toMatchObject({ code: row.word });
    expect(callsOf(client)).toEqual([`close ${row.code} ${row.word}`]);
  });

  it.each([
    { title: 'by a code', close: { code: 4001, reason: 'done' }, told: 'close 4001 clean(done)' },
    { title: 'without a code', close: { code: 1005, reason: '' }, told: 'close' },
    { title: 'by vanishing', close: GONE, told: `close ${NORMAL_CLOSURE}` },
  ])('closes the upstream when the client ends $title', ({ close, told }) => {
    open();
    client.peerEnds(close);
    expect(callsOf(upstream)).toEqual([told]);
    upstream.peerEnds(GONE);
    expect(ends).toEqual([{ by: 'client', close }]);
    expect(clock.pending()).toBe(0);
  });

  it('is over when both had gone before it was opened', () => {
    upstream.peerEnds(GONE);
    client.peerEnds(GONE);
    open();
    expect(ends).toEqual([{ by: 'upstream', close: GONE }]);
    expect(clock.pending()).toBe(0);
  });

  it('closes the client when only the upstream had gone before it was opened', () => {
    upstream.peerEnds(GONE);
    open();
    expect(client.calls[0]).toMatch(/^close /);
    client.peerEnds(GONE);
    expect(ends).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });
});

describe('a session’s deadlines', () => {
  it('end it when it idles, and stop with it', () => {
    open();
    clock.advance(6_000);
    expect(client.calls[0]).toContain('idle_timeout');
    client.peerEnds(GONE);
    upstream.peerEnds(GONE);
    expect(clock.pending()).toBe(0);
  });

  it('end it when its credential does, if it must', () => {
    open({ endsAtMs: clock.now() + 1_000 });
    clock.advance(1_000);
    expect(client.calls[0]).toContain('auth_expired');
  });

  it('end it when a side does not read for too long', () => {
    open();
    client.bufferedBytes = 2_000_000;
    upstream.peerSends('audio', 'binary');
    clock.advance(limits.stallMs);
    expect(client.calls[0]).toContain('stalled');
  });

  it('leave it alone when the slow side catches up', () => {
    open();
    client.bufferedBytes = 2_000_000;
    upstream.peerSends('audio', 'binary');
    clock.advance(limits.stallMs - 1);
    client.peerTakes(0);
    clock.advance(limits.stallMs);
    expect(callsOf(client)).toEqual([]);
    expect(upstream.calls).toEqual(['pause', 'resume']);
  });

  it('destroy the leg of a client that has vanished, which ends the session', () => {
    open({ limits: { ...limits, idleMs: Infinity, pingMs: 100 } });
    clock.advance(300);
    const calls = callsOf(client).slice(0, 3);
    expect(calls.map((call) => call.split('-')[0])).toEqual(['ping voxproxy', 'ping voxproxy', 'terminate']);
    expect(callsOf(upstream)).toEqual([`close ${NORMAL_CLOSURE}`]);
  });
});

describe('a session’s usage', () => {
  it('is what passed each way, and how long it took', () => {
    const session = open();
    expect(session.usage()).toMatchObject({ durationMs: 0, up: { frames: 0, bytes: 0 } });
    client.peerSends('12345', 'binary');
    upstream.peerSends('ab');
    upstream.peerSends('c');
    clock.advance(1_234);
    expect(session.usage()).toEqual({
      durationMs: 1_234,
      up: { frames: 1, bytes: 5 },
      down: { frames: 2, bytes: 3 },
    });
    expect(create().usage()).toEqual({
      durationMs: 0,
      up: { frames: 0, bytes: 0 },
      down: { frames: 0, bytes: 0 },
    });
  });
});
