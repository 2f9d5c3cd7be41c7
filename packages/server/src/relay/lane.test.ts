import { CLOSE_ROWS, NORMAL_CLOSURE } from '../contract/index.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLeg } from '../leg/memory-leg.ts';
import { HOLD, Lane } from './lane.ts';

const HIGH = 100;
const NOTHING = Buffer.alloc(0);

let from: MemoryLeg;
let to: MemoryLeg;
let lane: Lane;
let stalls: boolean[];

beforeEach(() => {
  from = new MemoryLeg();
  to = new MemoryLeg();
  stalls = [];
  lane = new Lane({ watermarks: { highBytes: HIGH }, onStall: (is) => stalls.push(is) });
  lane.readFrom(from);
  lane.writeTo(to);
});

const pass = (text: string): boolean => lane.pass(Buffer.from(text), 'wire');
const sent = (): string => to.sent.map(({ payload, kind }) => `${kind}:${payload}`).join(' ');

/** What the source handed over ends in the middle of a frame, between fragments, or with a whole message. */
function standAt(place: 'mid-frame' | 'between fragments' | 'between messages'): void {
  from.isAtBoundary = place !== 'mid-frame';
  from.isBetweenMessages = place === 'between messages';
}

/** The source comes to the end of a frame there and tells if it was asked to. */
function reach(place: 'between fragments' | 'between messages'): void {
  standAt(place);
  if (from.wantsBoundary) lane.atBoundary();
}

function fill(text = 'full'): void {
  to.bufferedBytes = HIGH;
  pass(text);
}

describe('a lane', () => {
  it.each(['wire', 'text', 'binary'] as const)('passes the very bytes that came, as %s', (kind) => {
    const bytes = Buffer.from([0, 0xff, 1]);
    lane.pass(bytes, kind);
    expect(to.sent).toEqual([{ payload: bytes, kind }]);
    expect(to.sent[0]?.payload).toBe(bytes);
  });

  it('reads on below the high mark, and waits for the target from it on', () => {
    to.bufferedBytes = HIGH - 1;
    pass('below');
    expect([from.calls, stalls, lane.isStalled]).toEqual([[], [], false]);
    fill();
    expect([from.calls, stalls, lane.isStalled, lane.isWaiting]).toEqual([['pause'], [true], true, true]);
  });

  it('reads again once the target has emptied its queue, and tells so once', () => {
    fill();
    lane.drained();
    lane.drained();
    expect([from.calls, stalls, lane.isStalled]).toEqual([['pause', 'resume'], [true, false], false]);
  });

  it('tells of one stall, however much still comes, and pauses each time', () => {
    fill('a');
    fill('b');
    expect([stalls, from.calls, sent()]).toEqual([[true], ['pause', 'pause'], 'wire:a wire:b']);
  });

  it('counts what the target has not taken as its backlog', () => {
    to.bufferedBytes = 42;
    expect(lane.backlog).toBe(42);
  });

  it('waits for a target that pings have filled', () => {
    to.bufferedBytes = HIGH;
    lane.passControl('ping', NOTHING, undefined);
    expect([from.calls, stalls]).toEqual([['pause'], [true]]);
  });

  it.each([
    ['the target first', ['full', 'judging']],
    ['the judgement first', ['judging', 'full']],
  ] as const)('reads again when neither holds it back, %s', (_, order) => {
    lane.wait(HOLD.judging);
    fill();
    from.calls.length = 0;
    lane.go(HOLD[order[0]]);
    expect([from.calls, lane.isWaiting]).toEqual([[], true]);
    lane.go(HOLD[order[1]]);
    expect([from.calls, lane.isWaiting]).toEqual([['resume'], false]);
  });

  it('is not stalled by a judgement', () => {
    lane.wait(HOLD.judging);
    expect([stalls, lane.isStalled, from.calls]).toEqual([[], false, ['pause']]);
  });

  it('does not resume a source that did not wait for this', () => {
    lane.go(HOLD.judging);
    lane.drained();
    expect(from.calls).toEqual([]);
  });
});

describe('a lane that is muted at the end', () => {
  it('passes nothing while a judgement is under way, nor when it has come', () => {
    lane.wait(HOLD.judging);
    lane.mute();
    pass('behind');
    lane.go(HOLD.judging);
    lane.pass(Buffer.from('judged'), 'text');
    expect(sent()).toBe('');
  });

  it('still passes the rest of a frame when nothing is judged', () => {
    standAt('mid-frame');
    lane.mute();
    pass('rest');
    expect(sent()).toBe('wire:rest');
  });
});

describe('a text of a lane’s own', () => {
  it('is offered between messages only', () => {
    expect(lane.offerText('now')).toBe(true);
    standAt('between fragments');
    expect(lane.offerText('not now')).toBe(false);
    expect(sent()).toBe('text:now');
  });

  it('is made when it goes out: at once between messages, else at the end of the one under way', () => {
    let made = 0;
    const make = (): string => `made ${(made += 1)}`;
    lane.sendMade(make);
    expect([sent(), from.wantsBoundary]).toEqual(['text:made 1', false]);
    standAt('between fragments');
    lane.sendMade(make);
    lane.sendMade(make);
    lane.atBoundary();
    expect([made, from.wantsBoundary]).toEqual([1, true]);
    standAt('between messages');
    lane.atBoundary();
    expect([sent(), from.wantsBoundary]).toEqual(['text:made 1 text:made 2', false]);
  });

  it('that waits to be made is forgotten with its target, and when the lane ends', () => {
    const make = (): string => expect.fail('it was made');
    standAt('mid-frame');
    lane.sendMade(make);
    lane.writeTo(new MemoryLeg());
    standAt('between messages');
    lane.atBoundary();
    lane.writeTo(undefined);
    lane.sendMade(make);
    lane.writeTo(to);
    standAt('between fragments');
    lane.sendMade(make);
    lane.finish({ code: NORMAL_CLOSURE });
    standAt('between messages');
    lane.atBoundary();
    lane.sendMade(make);
    expect(to.sent).toEqual([]);
  });

  it('goes out at once between messages, and asks for no boundary', () => {
    expect(lane.sendText('now')).toBe(true);
    expect([sent(), from.wantsBoundary]).toEqual(['text:now', false]);
  });

  it('waits behind the message that is under way, in order', () => {
    standAt('mid-frame');
    expect([lane.sendText('one'), lane.sendText('two')]).toEqual([true, true]);
    reach('between fragments');
    expect([sent(), from.wantsBoundary]).toEqual(['', true]);
    pass('end');
    reach('between messages');
    expect([sent(), from.wantsBoundary]).toEqual(['wire:end text:one text:two', false]);
  });

  it('is refused when sixteen wait, and taken again when they have gone', () => {
    standAt('mid-frame');
    const taken = Array.from({ length: 17 }, (_, at) => lane.sendText(`${at}`));
    expect(taken).toEqual([...Array<boolean>(16).fill(true), false]);
    reach('between messages');
    expect([to.sent.length, lane.sendText('more')]).toEqual([16, true]);
  });

  it('makes the source wait like any other when the target is full', () => {
    to.bufferedBytes = HIGH;
    lane.sendText('own');
    expect([from.calls, stalls]).toEqual([['pause'], [true]]);
  });

  it('is dropped when the end comes before the end of the message', () => {
    standAt('mid-frame');
    lane.sendText('late');
    lane.finish({ code: NORMAL_CLOSURE });
    reach('between fragments');
    reach('between messages');
    expect([sent(), to.calls]).toEqual(['', ['close 1000']]);
  });
});

describe('a ping on a lane', () => {
  it.each([
    ['mid-frame', []],
    ['between fragments', ['ping own']],
    ['between messages', ['ping own']],
  ] as const)('of our own that is due %s: %j', (place, calls) => {
    standAt(place);
    lane.ping(Buffer.from('own'));
    expect(to.calls).toEqual(calls);
  });

  it.each(['ping', 'pong'] as const)('of the source passes as a %s, also between fragments', (kind) => {
    standAt('between fragments');
    expect(lane.passControl(kind, Buffer.from('x'), undefined)).toBe(true);
    expect(to.calls).toEqual([`${kind} x`]);
  });

  it('of the source passes as the frame that came, where there is one', () => {
    const frame = Buffer.from([0x89, 1, 0x78]);
    lane.passControl('ping', Buffer.from('x'), frame);
    expect([to.sent, to.calls]).toEqual([[{ payload: frame, kind: 'wire' }], []]);
  });

  it('goes nowhere once the lane is over, and wants no answer from anybody else', () => {
    lane.finish({});
    lane.ping(NOTHING);
    expect([lane.passControl('ping', NOTHING, undefined), to.calls]).toEqual([true, ['close']]);
  });

  it('finds nobody when there is no target', () => {
    lane.writeTo(undefined);
    expect(lane.passControl('ping', NOTHING, undefined)).toBe(false);
  });
});

describe('the farewell of a lane', () => {
  const farewell = { text: 'bye', code: CLOSE_ROWS.Internal.code, reason: 'why' };

  it.each([
    ['between messages', 'text:bye'],
    ['between fragments', ''],
  ] as const)('goes out at once %s, with its text only where one may stand', (place, text) => {
    standAt(place);
    lane.finish(farewell);
    expect([sent(), to.calls, from.wantsBoundary]).toEqual([text, ['close 1011 why'], false]);
  });

  it.each([
    ['between messages', 'wire:rest text:bye'],
    ['between fragments', 'wire:rest'],
  ] as const)('waits in mid-frame for the rest of it when the frame ends %s', (place, all) => {
    standAt('mid-frame');
    lane.finish(farewell);
    expect([to.calls, from.wantsBoundary]).toEqual([[], true]);
    pass('rest');
    reach(place);
    expect([sent(), to.calls, from.wantsBoundary]).toEqual([all, ['close 1011 why'], false]);
  });

  it.each([
    ['before it', ['sourceEnded', 'finish']],
    ['after it', ['finish', 'sourceEnded']],
  ] as const)('is an end without close frame in mid-frame when the source has gone %s', (_, order) => {
    standAt('mid-frame');
    const steps = { sourceEnded: () => lane.sourceEnded(), finish: () => lane.finish(farewell) };
    for (const step of order) steps[step]();
    expect([sent(), to.calls]).toEqual(['', ['end']]);
  });

  it.each(['between messages', 'between fragments'] as const)(
    'is a close frame %s also when the source has gone',
    (place) => {
      standAt(place);
      lane.sourceEnded();
      expect(to.calls).toEqual([]);
      lane.finish(farewell);
      expect(to.calls).toEqual(['close 1011 why']);
    },
  );

  it('is an empty close frame without a code', () => {
    lane.finish({});
    expect([sent(), to.calls]).toEqual(['', ['close']]);
  });

  it('is said once', () => {
    lane.finish(farewell);
    lane.finish({ code: NORMAL_CLOSURE });
    lane.sourceEnded();
    reach('between messages');
    expect([sent(), to.calls]).toEqual(['text:bye', ['close 1011 why']]);
  });

  it('is the last: nothing passes and no text is taken after it', () => {
    lane.finish({});
    pass('late');
    expect([lane.offerText('a'), lane.sendText('b'), sent()]).toEqual([false, false, '']);
  });

  it('has the source read on for its own end, whatever it waited for', () => {
    fill();
    lane.wait(HOLD.judging);
    lane.finish({});
    expect([from.calls.at(-1), lane.isWaiting]).toEqual(['resume', false]);
  });

  it('does not resume a source that did not wait', () => {
    lane.finish({});
    expect(from.calls).toEqual([]);
  });

  it('does not end a stall before it has gone out', () => {
    standAt('mid-frame');
    fill();
    lane.finish({});
    expect([from.calls, lane.isStalled]).toEqual([['pause'], true]);
  });
});
