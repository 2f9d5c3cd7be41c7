import { beforeEach, describe, expect, it } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../contract/index.ts';
import type { LegClose } from '../leg/leg.ts';
import { MemoryLeg } from '../leg/memory-leg.ts';
import { startRelay, type Relay, type Side } from './relay.ts';
import { DEFAULT_WATERMARKS } from './watermarks.ts';

const marks = { highBytes: 100, lowBytes: 20 };
const goodbye: LegClose = { code: NORMAL_CLOSURE, reason: 'bye' };

let client: MemoryLeg;
let upstream: MemoryLeg;
let closes: [Side, LegClose][];
let gones: Side[];
let stalls: [Side, boolean][];

const start = (watermarks = marks): Relay =>
  startRelay(
    { client, upstream },
    {
      onClose: (side, close) => closes.push([side, close]),
      onGone: (side) => gones.push(side),
      onStall: (side, isStalled) => stalls.push([side, isStalled]),
    },
    watermarks,
  );

beforeEach(() => {
  client = new MemoryLeg();
  upstream = new MemoryLeg();
  closes = [];
  gones = [];
  stalls = [];
});

const directions = [
  { direction: 'up', from: () => client, to: () => upstream, slow: 'upstream' },
  { direction: 'down', from: () => upstream, to: () => client, slow: 'client' },
] as const;

describe.each(directions)('the relay $direction', ({ direction, from, to, slow }) => {
  it('passes frames in order, byte for byte, with their kind', () => {
    start();
    const sent = [
      { payload: Buffer.from('one'), kind: 'text' as const },
      { payload: Buffer.from([0, 0xff, 0xfe]), kind: 'binary' as const },
      { payload: Buffer.from('{"two":"€"}'), kind: 'text' as const },
      { payload: Buffer.alloc(0), kind: 'binary' as const },
      { payload: Buffer.alloc(0), kind: 'text' as const },
    ];
    for (const { payload, kind } of sent) from().peerSends(payload, kind);
    expect(to().sent).toEqual(sent);
    expect(from().sent).toEqual([]);
  });

  it('passes what came before it was started, first', () => {
    from().peerSends('early', 'binary');
    start();
    from().peerSends('late');
    expect(to().sent.map((frame) => [String(frame.payload), frame.kind])).toEqual([
      ['early', 'binary'],
      ['late', 'text'],
    ]);
  });

  it('counts frames and bytes', () => {
    const relay = start();
    from().peerSends('€');
    from().peerSends(Buffer.alloc(10), 'binary');
    const other = direction === 'up' ? relay.down : relay.up;
    expect(relay[direction]).toEqual({ frames: 2, bytes: 13 });
    expect(other).toEqual({ frames: 0, bytes: 0 });
  });

  it('pauses the reading side at the high mark, and resumes it at the low one', () => {
    start();
    to().bufferedBytes = marks.highBytes - 1;
    from().peerSends('below');
    expect(from().calls).toEqual([]);
    to().bufferedBytes = marks.highBytes;
    from().peerSends('at');
    expect(from().calls).toEqual(['pause']);
    from().peerSends('held');
    expect(to().sent).toHaveLength(2);
    to().peerTakes(marks.lowBytes + 1);
    expect(from().calls).toEqual(['pause']);
    to().peerTakes(marks.lowBytes);
    expect(from().calls).toEqual(['pause', 'resume']);
    expect(to().sent.map((frame) => String(frame.payload))).toEqual(['below', 'at', 'held']);
  });

  it('tells of the slow side when it stalls, whenever it takes something, and when it has caught up', () => {
    start();
    to().bufferedBytes = marks.highBytes;
    from().peerSends('a');
    to().peerTakes(marks.highBytes - 1);
    expect(stalls).toEqual([
      [slow, true],
      [slow, true],
    ]);
    to().peerTakes(0);
    to().peerTakes(0);
    expect(stalls).toEqual([
      [slow, true],
      [slow, true],
      [slow, false],
    ]);
    expect(from().calls).toEqual(['pause', 'resume']);
  });

  it('pauses again as often as the mark is reached, and does not touch the other direction', () => {
    start();
    for (const round of [1, 2, 3]) {
      to().bufferedBytes = marks.highBytes;
      from().peerSends(`round ${round}`);
      to().peerTakes(0);
    }
    expect(from().calls).toEqual(['pause', 'resume', 'pause', 'resume', 'pause', 'resume']);
    expect(to().calls).toEqual([]);
    to().peerSends('answer');
    expect(from().sent).toHaveLength(1);
  });

  it('stays paused when frames that were on their way still arrive', () => {
    start();
    to().bufferedBytes = marks.highBytes;
    from().peerSends('a');
    from().resume();
    from().peerSends('b');
    expect(stalls).toEqual([[slow, true]]);
    expect(to().sent).toHaveLength(2);
  });
});

describe('the relay', () => {
  it('tells of each leg’s end once, with what the peer said', () => {
    start();
    upstream.peerEnds(goodbye);
    upstream.peerEnds({ code: 1006, reason: 'again' });
    client.terminate();
    expect(closes).toEqual([
      ['upstream', goodbye],
      ['client', { code: 1006, reason: '' }],
    ]);
  });

  it('closes nothing itself, whatever ends', () => {
    start();
    client.peerEnds({ code: CLOSE_ROWS.TooLarge.code, reason: '', fault: 'TooLarge' });
    expect(upstream.calls).toEqual([]);
    expect(closes[0]).toEqual(['client', { code: CLOSE_ROWS.TooLarge.code, reason: '', fault: 'TooLarge' }]);
  });

  it('tells of a leg that had ended before it was started', () => {
    upstream.peerEnds(goodbye);
    start();
    expect(closes).toEqual([['upstream', goodbye]]);
    client.peerSends('too late');
    expect(closes).toHaveLength(1);
  });

  it('takes frames and pongs of the client, and nothing of the upstream, for signs of the client', () => {
    const relay = start();
    upstream.peerSends('a');
    upstream.peerPongs();
    expect(relay.clientSigns).toBe(0);
    client.peerPongs();
    client.peerSends('b');
    client.peerPongs();
    expect(relay.clientSigns).toBe(3);
  });

  it('has marks by default between which a whole burst fits', () => {
    start(DEFAULT_WATERMARKS);
    upstream.bufferedBytes = 1_048_575;
    client.peerSends('a');
    expect(client.calls).toEqual([]);
    upstream.bufferedBytes = 1_048_576;
    client.peerSends('b');
    upstream.peerTakes(262_145);
    expect(client.calls).toEqual(['pause']);
    upstream.peerTakes(262_144);
    expect(client.calls).toEqual(['pause', 'resume']);
  });
});
