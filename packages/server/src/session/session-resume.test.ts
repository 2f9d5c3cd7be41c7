import { beforeEach, describe, expect, it } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE, readControlFrame, toControlFrame } from '../contract/index.ts';
import type { LegClose } from '../leg/leg.ts';
import { MemoryLeg } from '../leg/memory-leg.ts';
import type { EndCause } from '../relay/end-cause.ts';
import * as rigs from '../../test/support/session-rig.ts';
import type { Returnable } from './resume-table.ts';
import type { Session, SessionPlan } from './session.ts';

const { GONE: gone, LIMITS: limits, OWNER: owner, textsTo } = rigs;
const { holdMs: HOLD_MS, windowBytes: WINDOW } = rigs.RESUME_LIMITS;

let rig = new rigs.SessionRig();
let { clock, table, pool, client, upstream, log, ends } = rig;

beforeEach(() => {
  rig = new rigs.SessionRig();
  ({ clock, table, pool, client, upstream, log, ends } = rig);
});

const open = (more: Partial<SessionPlan> = {}): Session =>
  rig.open({ resumable: rig.resumable, redact: (reason) => reason, ...more });

const endOf = (leg: MemoryLeg): string[] => leg.calls.filter((call) => /^(close|end)/.test(call));
const helloTo = (leg: MemoryLeg): { id: string; resumed: boolean; received: number } =>
  readControlFrame(textsTo(leg)[0] ?? '') as unknown as { id: string; resumed: boolean; received: number };
const sessionOf = (leg: MemoryLeg): Returnable | undefined => table.find(helloTo(leg).id, owner);

function comeBack(received: number, leg = new MemoryLeg()): MemoryLeg {
  sessionOf(client)?.comeBack(leg, received);
  return leg;
}

/** Nothing is left but, for a while, the ids of a session that was lost. */
function expectOver(cause: EndCause): void {
  expect(ends).toEqual([cause]);
  table.close();
  expect([clock.pending(), pool.bytes]).toEqual([0, 0]);
}

describe('a session in session mode', () => {
  it('greets before all that the upstream sent early', () => {
    upstream.peerSends('welcome');
    client.peerSends('early');
    open();
    expect(helloTo(client)).toMatchObject({ resumed: false, received: 0 });
    expect(textsTo(client).slice(1)).toEqual(['welcome']);
    expect(textsTo(upstream)).toEqual(['early']);
  });

  it('is held when its client vanishes, and tells the upstream nothing', () => {
    const session = open();
    client.peerEnds(gone);
    expect([session.cause, log, ends]).toEqual([undefined, ['held'], []]);
    expect(endOf(upstream)).toEqual([]);
    expect(session.signal.aborted).toBe(false);
  });

  it('ends when its client does not come back, and closes the upstream normally', () => {
    open();
    client.peerEnds(gone);
    clock.advance(HOLD_MS);
    expect(endOf(upstream)).toEqual([`close ${NORMAL_CLOSURE}`]);
    upstream.peerEnds({ code: NORMAL_CLOSURE, reason: '' });
    expectOver({ by: 'client', close: gone });
  });

  it.each<LegClose>([
    { code: NORMAL_CLOSURE, reason: '' },
    { code: 1005, reason: '' },
    { code: 4000, reason: 'tab closed' },
    { code: 1006, reason: '', fault: 'ProtocolError' },
    { code: 1006, reason: '', fault: 'TooLarge' },
  ])('is not held after a close frame or a breach ($code $fault)', (close) => {
    open();
    client.peerEnds(close);
    upstream.peerEnds(gone);
    expect(log).toEqual([]);
    expect(table.size).toBe(0);
    expectOver({ by: 'client', close });
  });

  it('goes on for a client that comes back, also twice, and counts on', () => {
    const session = open();
    client.peerSends('12');
    client.peerEnds(gone);
    upstream.peerSends('down');
    const second = comeBack(0);
    second.peerSends('345');
    second.peerEnds(gone);
    const third = new MemoryLeg();
    sessionOf(second)?.comeBack(third, 1);
    third.peerSends('6');
    expect(helloTo(third)).toMatchObject({ resumed: true, received: 2 });
    expect(textsTo(upstream)).toEqual(['12', '345', '6']);
    expect(session.usage()).toMatchObject({ up: { frames: 3, bytes: 6 }, down: { frames: 1, bytes: 4 } });
    expect(log).toEqual(['held', 'resumed', 'held', 'resumed']);
    clock.advance(10 * HOLD_MS);
    expect(session.cause).toBeUndefined();
  });
});

describe('a session that ends', () => {
  it.each(['Draining', 'Internal', 'SessionLimit'] as const)(
    'while it is held (%s) closes the upstream and is over with it',
    (name) => {
      const session = open();
      client.peerEnds(gone);
      session.end({ by: 'proxy', name });
      expect(endOf(upstream)).toEqual([`close ${NORMAL_CLOSURE}`]);
      upstream.peerEnds(gone);
      expect(table.size).toBe(0);
      expectOver({ by: 'proxy', name });
    },
  );

  it('by its upstream while it is held gives a returning client the rest, then the close', () => {
    open();
    upstream.peerSends('seen');
    client.peerEnds(gone);
    upstream.peerSends('missed');
    upstream.peerEnds({ code: 4001, reason: 'done' });
    expect(ends).toEqual([]);
    const back = comeBack(1);
    expect(helloTo(back)).toMatchObject({ resumed: true });
    expect(textsTo(back).slice(1)).toEqual(['missed']);
    expect(endOf(back)).toEqual(['close 4001 done']);
    back.peerEnds({ code: 4001, reason: 'done' });
    expectOver({ by: 'upstream', close: { code: 4001, reason: 'done' } });
  });

  it('by an upstream that vanishes while it is held tells a returning client so', () => {
    open();
    client.peerEnds(gone);
    upstream.peerEnds(gone);
    const back = comeBack(0);
    const { code, word } = CLOSE_ROWS.UpstreamUnavailable;
    expect(JSON.parse(textsTo(back).at(-1) ?? '')).toMatchObject({ type: 'Error', code: word });
    expect(endOf(back)).toEqual([`close ${code} ${word}`]);
  });

  it('by its upstream is over when its client does not come back for the rest', () => {
    open();
    client.peerEnds(gone);
    upstream.peerEnds({ code: 4001, reason: 'done' });
    clock.advance(HOLD_MS);
    expectOver({ by: 'upstream', close: { code: 4001, reason: 'done' } });
  });

  it('by an upstream that keeps its connection destroys it in time, held or not', () => {
    open();
    client.peerEnds(gone);
    upstream.peerEnds({ code: 4001, reason: 'done' }, true);
    expect(endOf(upstream)).toEqual(['close 4001 done']);
    clock.advance(limits.closeMs);
    expect(upstream.calls).toContain('terminate');
    expect(ends).toEqual([]);
  });

  it.each([toControlFrame({ type: 'ack', received: 1 }), '\u0001{', '\u0001null'])(
    'because its client breaks the rules of session mode (%j) is not held, and its client is told',
    (frame) => {
      open();
      client.peerSends(frame);
      const { code, word } = CLOSE_ROWS.PolicyViolation;
      expect(endOf(client)).toEqual([`close ${code} ${word}`]);
      expect(endOf(upstream)).toEqual([`close ${NORMAL_CLOSURE}`]);
      client.peerEnds(gone);
      upstream.peerEnds(gone);
      expect(table.size).toBe(0);
      expectOver({ by: 'proxy', name: 'PolicyViolation', why: expect.any(String) as string });
    },
  );

  it('because its client was told that it cannot go on closes the older connection', () => {
    open();
    upstream.peerSendsWire('x'.repeat(WINDOW));
    sessionOf(client)?.refuse(helloTo(client).id, 0);
    expect(endOf(client)).toHaveLength(1);
    client.peerEnds(gone);
    upstream.peerEnds(gone);
    expectOver({ by: 'client', close: gone });
  });
});

describe('a client that comes back', () => {
  it('and is gone already leaves a session that is held and ends in time', () => {
    open();
    client.peerEnds(gone);
    const back = new MemoryLeg();
    back.peerEnds(gone);
    comeBack(0, back);
    clock.advance(HOLD_MS);
    expect(endOf(upstream)).toEqual([`close ${NORMAL_CLOSURE}`]);
    upstream.peerEnds(gone);
    expectOver({ by: 'client', close: gone });
  });

  it('brings a credential whose end is the session’s from then on', () => {
    const session = open({ endsAtMs: clock.now() + 1_000 });
    client.peerEnds(gone);
    sessionOf(client)?.comeBack(new MemoryLeg(), 0, clock.now() + 5_000);
    clock.advance(4_999);
    expect(session.cause).toBeUndefined();
    clock.advance(1);
    expect(session.cause).toMatchObject({ by: 'proxy', name: 'AuthExpired' });
  });

  it('and never acknowledges stalls, also what was kept for it before', () => {
    const session = open();
    client.peerEnds(gone);
    upstream.peerSends('x'.repeat(WINDOW), 'binary');
    const back = comeBack(0);
    expect(textsTo(back)).toHaveLength(2);
    clock.advance(limits.stallMs);
    expect(session.cause).toMatchObject({ by: 'proxy', name: 'Stalled' });
  });

  it('and acknowledges in time lets the upstream go on', () => {
    const session = open();
    client.peerEnds(gone);
    upstream.peerSends('x'.repeat(WINDOW), 'binary');
    const back = comeBack(0);
    clock.advance(limits.stallMs - 1);
    back.peerSends(toControlFrame({ type: 'ack', received: 1 }));
    expect(upstream.calls.at(-1)).toBe('resume');
    clock.advance(10 * limits.stallMs);
    expect(session.cause).toBeUndefined();
  });

  it('is waited for in the middle of a message when the session ends', () => {
    const session = open();
    client.peerEnds(gone);
    const back = comeBack(0);
    back.isAtBoundary = false;
    back.isBetweenMessages = false;
    back.openBytes = WINDOW + 1;
    back.peerSendsWire('x'.repeat(WINDOW + 1));
    session.end({ by: 'proxy', name: 'Draining' });
    expect(endOf(upstream)).toEqual([]);
    back.isAtBoundary = true;
    back.peerReachesBoundary();
    expect(endOf(upstream)).toEqual([`close ${NORMAL_CLOSURE}`]);
  });

  it('is not stalled by what its older connection did not take', () => {
    const session = open();
    client.bufferedBytes = 1_000_000;
    upstream.peerSends('audio', 'binary');
    client.peerEnds(gone);
    clock.advance(10 * limits.stallMs);
    comeBack(0);
    clock.advance(10 * limits.stallMs);
    expect(session.cause).toBeUndefined();
    expect(upstream.calls.at(-1)).toBe('resume');
  });
});

describe('while a client is away', () => {
  it('its upstream is read up to the window, which is no stall', () => {
    const session = open();
    client.peerEnds(gone);
    upstream.peerSends('x'.repeat(WINDOW), 'binary');
    upstream.peerSends('later');
    expect(upstream.calls).toEqual(['pause']);
    clock.advance(10 * limits.stallMs);
    expect(session.cause).toBeUndefined();
    const back = comeBack(0);
    back.peerSends(toControlFrame({ type: 'ack', received: 1 }));
    expect(textsTo(back).at(-1)).toBe('later');
  });

  it('the pings of its upstream are answered, so that the provider does not give up', () => {
    open();
    client.peerEnds(gone);
    upstream.peerPings('are you there');
    expect(upstream.calls).toContain('pong are you there');
  });

  it('half a message that it left behind is no message that takes too long', () => {
    const session = open({ limits: { ...limits, messageMs: 1_000 } });
    client.isInMessage = true;
    client.peerEnds(gone);
    clock.advance(HOLD_MS - 1);
    expect(session.cause).toBeUndefined();
  });

  it('it is not given up for its silence', () => {
    const session = open({ limits: { ...limits, pingMs: 100 } });
    client.peerEnds(gone);
    clock.advance(HOLD_MS - 1);
    expect([session.cause, ends]).toEqual([undefined, []]);
  });

  it('the other limits of its session hold', () => {
    const session = open({ limits: { ...limits, longestMs: 1_000 } });
    client.peerEnds(gone);
    clock.advance(1_000);
    expect(session.cause).toMatchObject({ name: 'SessionLimit' });
  });

  it('they end a session that its provider has ended before, for the reason of that', () => {
    const session = open({ limits: { ...limits, longestMs: 1_000 } });
    client.peerEnds(gone);
    const close = { code: NORMAL_CLOSURE, reason: 'bye' };
    upstream.peerEnds(close);
    clock.advance(1_000);
    expect(session.cause).toEqual({ by: 'upstream', close });
  });
});

describe('a judge in session mode', () => {
  const telling = { judge: () => ({ drop: true, tell: 'no' }) as const, maxOpenedBytes: 1_000 };

  it('sees no control frame', () => {
    const seen: string[] = [];
    const judge = (message: Buffer): { forward: Buffer } => {
      seen.push(message.toString());
      return { forward: message };
    };
    open({ up: { judge, maxOpenedBytes: 1_000 } });
    client.peerSends(toControlFrame({ type: 'ack', received: 0 }));
    client.peerSends('data');
    expect([seen, textsTo(upstream)]).toEqual([['data'], ['data']]);
  });

  it('tells the client what counts like any other message, so that it may acknowledge it', () => {
    const session = open({ up: telling });
    client.peerSends('please');
    expect(textsTo(client).slice(1)).toEqual(['no']);
    client.peerSends(toControlFrame({ type: 'ack', received: 1 }));
    expect(session.cause).toBeUndefined();
  });

  it('tells the client what is not lost with its connection', () => {
    open({ up: telling });
    client.peerSends('please');
    client.peerEnds(gone);
    expect(textsTo(comeBack(0)).slice(1)).toEqual(['no']);
  });
});
