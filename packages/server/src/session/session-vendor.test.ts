import { beforeEach, describe, expect, it } from 'vitest';
import { ABNORMAL_CLOSURE, CLOSE_ROWS, NORMAL_CLOSURE, type CloseName } from '../contract/index.ts';
import type { MemoryLeg } from '../leg/memory-leg.ts';
import { GONE, SessionRig, textsTo } from '../../test/support/session-rig.ts';
import { vendorCodeOf } from './vendor-close.ts';
import type { VendorPlan } from './vendor-plan.ts';

const text = '{"type":"KeepAlive"}';
const keepalive = { upstreamIdleMs: 10_000, text, everyMs: 4_000 };

let rig = new SessionRig();
let { clock, client, upstream, ends } = rig;

beforeEach(() => {
  rig = new SessionRig();
  ({ clock, client, upstream, ends } = rig);
});

const open = (vendor: VendorPlan) => rig.open({ vendor });
const closesOf = (leg: MemoryLeg): string[] => leg.calls.filter((call) => call.startsWith('close'));

describe('the keepalive of a running session', () => {
  it('goes out in every pause of its interval, and never later', () => {
    open({ keepalive });
    client.peerSends('Settings');
    clock.advance(4_000);
    expect(textsTo(upstream)).toEqual(['Settings', text]);
    clock.advance(3_999);
    expect(textsTo(upstream)).toHaveLength(2);
    clock.advance(1);
    expect(textsTo(upstream)).toEqual(['Settings', text, text]);
  });

  it('stays away while something goes up, and comes when that ends', () => {
    open({ keepalive });
    for (let at = 0; at < 20; at += 1) {
      client.peerSends('audio');
      clock.advance(1_500);
    }
    expect(textsTo(upstream)).not.toContain(text);
    clock.advance(2_500);
    expect(textsTo(upstream)).toContain(text);
  });

  it('comes all the same where the vendor wants it always', () => {
    open({ keepalive: { ...keepalive, onlyWhenIdle: false } });
    for (let at = 0; at < 4; at += 1) {
      client.peerSends('audio');
      clock.advance(1_000);
    }
    expect(textsTo(upstream)).toEqual(['audio', 'audio', 'audio', 'audio', text]);
  });

  it('does not come before the first message of the client', () => {
    open({ keepalive });
    clock.advance(60_000);
    expect(upstream.sent).toEqual([]);
    client.peerSends('Settings');
    clock.advance(4_000);
    expect(textsTo(upstream)).toEqual(['Settings', text]);
  });

  it('is a ping where the vendor has no message for it', () => {
    open({ keepalive: { upstreamIdleMs: 60_000, everyMs: 20_000 } });
    client.peerSends('StartRecognition');
    clock.advance(20_000);
    expect(upstream.calls.filter((call) => call.startsWith('ping'))).toHaveLength(1);
  });

  it('ends with the session, and costs no timer where there is none', () => {
    const before = clock.pending();
    const session = open({ keepalive });
    const withKeepalive = clock.pending() - before;
    session.terminate();
    expect(clock.pending()).toBe(before);
    rig = new SessionRig();
    rig.open({ vendor: {} });
    expect(rig.clock.pending()).toBe(withKeepalive - 1);
  });
});

describe('the last text for the vendor', () => {
  const lastText = '{"type":"CloseStream"}';

  it('precedes the close when the page has vanished', () => {
    open({ lastText });
    client.peerEnds(GONE);
    expect(textsTo(upstream)).toEqual([lastText]);
    expect(closesOf(upstream)).toEqual([`close ${NORMAL_CLOSURE}`]);
  });

  it('precedes the close when the proxy ends the session', () => {
    open({ lastText }).end({ by: 'proxy', name: 'IdleTimeout' });
    expect(textsTo(upstream)).toEqual([lastText]);
    expect(client.sent).toEqual([]);
  });

  it('is left to the page that closes, and not said to a vendor that has closed', () => {
    open({ lastText });
    client.peerEnds({ code: NORMAL_CLOSURE, reason: '' });
    expect(upstream.sent).toEqual([]);
    const other = new SessionRig();
    other.open({ vendor: { lastText } });
    other.upstream.peerEnds(GONE);
    expect(other.upstream.sent).toEqual([]);
  });
});

describe("the vendor's longest session", () => {
  const longestMs = 600_000;

  it.each([ABNORMAL_CLOSURE, CLOSE_ROWS.Internal.code])('makes its end by %i an ordinary one', (code) => {
    open({ longestMs });
    clock.advance(longestMs - 1_000);
    upstream.peerEnds({ code, reason: 'too long' });
    expect(ends.length === 0 || ends[0]?.by === 'proxy').toBe(true);
    expect(closesOf(client)).toEqual([`close ${NORMAL_CLOSURE} ${CLOSE_ROWS.SessionLimit.word}`]);
    expect(client.sent).toEqual([]);
  });

  it('leaves earlier ends and the vendor its own codes', () => {
    open({ longestMs });
    clock.advance(longestMs / 2);
    upstream.peerEnds(GONE);
    expect(closesOf(client)[0]).toContain(CLOSE_ROWS.UpstreamUnavailable.word);
    const other = new SessionRig();
    other.open({ vendor: { longestMs } });
    other.clock.advance(longestMs);
    other.upstream.peerEnds({ code: 3008, reason: 'session expired' });
    expect(closesOf(other.client)).toEqual(['close 3008 clean(session expired)']);
  });
});

describe('close codes for SDKs', () => {
  const closeCodes = { authFailed: 4401, quota: 4429, final: 4400 };

  it.each([
    ['AuthExpired', 4401],
    ['OriginDenied', 4401],
    ['RateLimited', 4429],
    ['BudgetSpent', 4429],
    ['PolicyViolation', 4400],
    ['TooLarge', 4400],
    ['UpstreamUnavailable', undefined],
    ['Draining', undefined],
    ['SessionLimit', undefined],
    ['IdleTimeout', undefined],
  ] as [CloseName, number | undefined][])('are by what %s means: %s', (name, code) => {
    expect(vendorCodeOf(closeCodes, name)).toBe(code);
    expect(vendorCodeOf(undefined, name)).toBeUndefined();
    expect(vendorCodeOf({}, name)).toBeUndefined();
  });

  it('stand in the close, while frame and reason keep the word', () => {
    open({ closeCodes }).end({ by: 'proxy', name: 'AuthExpired' });
    expect(closesOf(client)).toEqual([`close 4401 ${CLOSE_ROWS.AuthExpired.word}`]);
    expect(textsTo(client)[0]).toContain(CLOSE_ROWS.AuthExpired.word);
  });
});
