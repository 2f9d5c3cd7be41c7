import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLeg } from '../leg/memory-leg.ts';
import { HOLD, Lane } from './lane.ts';
import { MessageHold } from './message-hold.ts';
import { ReplayBuffer, ReplayPool } from './replay-buffer.ts';

const WINDOW = 100;

let from: MemoryLeg;
let to: MemoryLeg;
let pool: ReplayPool;
let replay: ReplayBuffer;
let lane: Lane;
let stalls: boolean[];

/** A lane to a client in session mode. */
function start(): void {
  lane = new Lane({ watermarks: { highBytes: 1_000 }, replay, onStall: (is) => stalls.push(is) });
  lane.readFrom(from);
  lane.writeTo(to);
}

beforeEach(() => {
  from = new MemoryLeg();
  to = new MemoryLeg();
  pool = new ReplayPool(10_000);
  replay = new ReplayBuffer(WINDOW, pool);
  stalls = [];
  start();
});

const wire = (leg: MemoryLeg): string =>
  leg.sent.map(({ payload, kind }) => (kind === 'wire' ? payload.toString() : `<${payload}>`)).join('');
const isReading = (): boolean =>
  from.calls.filter((call) => call !== 'pause').length > 0 || from.calls.length === 0;
const lastCall = (): string | undefined => from.calls.at(-1);

/** The source hands over one whole message of so many bytes. */
function passMessage(bytes: string): void {
  lane.endMessage(bytes.length);
  lane.pass(Buffer.from(bytes), 'wire');
}

describe('a lane with a replay buffer', () => {
  it('reads on until its buffer is full, and again once the client has acknowledged', () => {
    passMessage('a'.repeat(WINDOW - 1));
    expect(isReading()).toBe(true);
    passMessage('b');
    expect([lastCall(), stalls]).toEqual(['pause', [true]]);
    replay.acknowledge(1);
    lane.acknowledged();
    expect([lastCall(), stalls]).toEqual(['resume', [true, false]]);
  });

  it('waits on when an acknowledgement leaves its buffer full', () => {
    passMessage('a');
    passMessage('b'.repeat(WINDOW));
    replay.acknowledge(1);
    lane.acknowledged();
    expect(lastCall()).toBe('pause');
  });

  it('gives up a message that alone fills its buffer, and reads on', () => {
    lane.pass(Buffer.alloc(WINDOW), 'wire');
    expect([from.calls, replay.heldBytes]).toEqual([[], 0]);
  });

  it('gives up a message that fills its buffer once all before it is acknowledged', () => {
    passMessage('a');
    lane.pass(Buffer.alloc(WINDOW), 'wire');
    expect(lastCall()).toBe('pause');
    replay.acknowledge(1);
    lane.acknowledged();
    expect([lastCall(), replay.heldBytes]).toEqual(['resume', 0]);
  });

  it('gives up a message that filled its buffer while the client was away, when it comes back for no other', () => {
    lane.writeTo(undefined);
    lane.pass(Buffer.alloc(WINDOW), 'wire');
    expect(lastCall()).toBe('pause');
    const back = new MemoryLeg();
    lane.writeTo(back);
    lane.replay(0);
    expect(back.sent).toHaveLength(1);
    expect([lastCall(), replay.heldBytes]).toEqual(['resume', 0]);
  });

  it('keeps what comes while its target is missing, up to what it may keep', () => {
    lane.writeTo(undefined);
    passMessage('a'.repeat(WINDOW - 1));
    expect(from.calls).toEqual([]);
    passMessage('b');
    expect([lastCall(), replay.heldBytes, stalls]).toEqual(['pause', WINDOW, []]);
  });

  it('tells of a stall when a client comes back and its buffer is still full', () => {
    lane.writeTo(undefined);
    passMessage('a'.repeat(WINDOW));
    lane.writeTo(new MemoryLeg());
    lane.replay(0);
    expect(stalls).toEqual([true]);
    replay.acknowledge(1);
    lane.acknowledged();
    expect([stalls, lastCall()]).toEqual([[true, false], 'resume']);
  });

  it('is not stalled when what a client acknowledges on its return makes room', () => {
    lane.writeTo(undefined);
    passMessage('a'.repeat(WINDOW));
    lane.writeTo(new MemoryLeg());
    replay.acknowledge(1);
    lane.acknowledged();
    lane.replay(1);
    expect([stalls.at(-1) ?? false, lane.isStalled, lastCall()]).toEqual([false, false, 'resume']);
  });

  it('ends a stall of a client that vanishes, and reads on while its buffer has room', () => {
    to.bufferedBytes = 1_000;
    passMessage('a');
    expect([lastCall(), stalls]).toEqual(['pause', [true]]);
    lane.writeTo(undefined);
    expect([lastCall(), stalls]).toEqual(['resume', [true, false]]);
  });

  it('writes to a new target what stands behind a count, and then what comes', () => {
    passMessage('one');
    lane.writeTo(undefined);
    passMessage('two');
    lane.pass(Buffer.from('thr'), 'wire');
    const back = new MemoryLeg();
    lane.writeTo(back);
    lane.replay(1);
    passMessage('ee');
    expect([wire(to), wire(back)]).toEqual(['one', 'twothree']);
  });

  it('waits for a new target whose queue the replay has filled', () => {
    lane.writeTo(undefined);
    passMessage('one');
    const back = new MemoryLeg();
    back.bufferedBytes = 1_000;
    lane.writeTo(back);
    lane.replay(0);
    expect([lastCall(), stalls]).toEqual(['pause', [true]]);
    lane.drained();
    expect([lastCall(), stalls]).toEqual(['resume', [true, false]]);
  });

  it('counts what it keeps as backlog only while it waits for acknowledgements', () => {
    to.bufferedBytes = 7;
    passMessage('abc');
    expect(lane.backlog).toBe(7);
    passMessage('a'.repeat(WINDOW));
    expect(lane.backlog).toBe(7 + 3 + WINDOW);
  });

  it('keeps judged texts with their kind', () => {
    lane.pass(Buffer.from('judged'), 'text');
    passMessage('wire');
    const back = new MemoryLeg();
    lane.writeTo(back);
    lane.replay(0);
    expect(back.sent.map(({ payload, kind }) => [payload.toString(), kind])).toEqual([
      ['judged', 'text'],
      ['wire', 'wire'],
    ]);
  });

  it('sends no control frame and no uncounted text while its target is missing', () => {
    lane.writeTo(undefined);
    expect(lane.offerText('a')).toBe(false);
    lane.ping(Buffer.alloc(0));
    expect(lane.passControl('pong', Buffer.alloc(0), undefined)).toBe(false);
    lane.writeTo(to);
    lane.atBoundary();
    expect([to.sent, to.calls]).toEqual([[], []]);
  });

  it('takes few texts of its own while acknowledgements are owed', () => {
    passMessage('a'.repeat(WINDOW));
    const tell = (): boolean[] => Array.from({ length: 17 }, () => lane.sendText('no'));
    expect(tell()).toEqual([...Array.from({ length: 16 }, () => true), false]);
    replay.acknowledge(17);
    lane.acknowledged();
    expect(tell()).toEqual(Array.from({ length: 17 }, () => true));
  });

  it('keeps a text of its own that counts while its target is missing', () => {
    lane.writeTo(undefined);
    expect(lane.sendText('own')).toBe(true);
    const back = new MemoryLeg();
    lane.writeTo(back);
    lane.replay(0);
    expect([wire(back), replay.sent]).toEqual(['<own>', 1]);
  });
});

describe('a lane that holds half messages', () => {
  let passes = 0;

  beforeEach(() => {
    passes = 0;
    const parts = { watermarks: { highBytes: 1_000 }, onStall: () => undefined };
    lane = new Lane({ ...parts, hold: new MessageHold(10), onPass: () => (passes += 1) });
    lane.readFrom(from);
    lane.writeTo(to);
  });

  /** Bytes of which the last `open` belong to a message that is not whole. */
  function pass(text: string, open: number): void {
    from.openBytes = open;
    from.isBetweenMessages = open === 0;
    from.isAtBoundary = open === 0;
    lane.pass(Buffer.from(text), 'wire');
  }

  it('passes a message once it is whole, and tells of each part that came', () => {
    pass('wholeha', 2);
    expect([wire(to), passes]).toEqual(['whole', 1]);
    pass('lf', 0);
    expect([wire(to), passes]).toEqual(['wholehalf', 2]);
  });

  it('may write texts, pings and a close of its own while it holds a message', () => {
    pass('ha', 2);
    expect(lane.isBetweenMessages).toBe(true);
    expect(lane.offerText('own')).toBe(true);
    lane.ping(Buffer.from('p'));
    lane.finish({ text: 'bye' });
    expect([to.sent.map(({ payload }) => payload), to.calls]).toEqual([
      ['own', 'bye'],
      ['ping p', 'close'],
    ]);
  });

  it('writes nothing of its own in a message that is too long to be held', () => {
    pass('0123456789a', 11);
    expect([wire(to), lane.isBetweenMessages, lane.offerText('own')]).toEqual(['0123456789a', false, false]);
    lane.finish({});
    expect(to.calls).toEqual([]);
  });

  it('reads a source that replaces one which did not read what it was told', () => {
    lane.wait(HOLD.unread);
    lane.readFrom(new MemoryLeg());
    expect(lane.isWaiting).toBe(false);
  });

  it('drops half a message of a source that is replaced', () => {
    pass('ha', 2);
    const back = new MemoryLeg();
    lane.readFrom(back);
    lane.pass(Buffer.from('new'), 'wire');
    expect(wire(to)).toBe('new');
  });

  it('passes judged texts at once', () => {
    from.openBytes = 3;
    lane.pass(Buffer.from('abc'), 'text');
    expect(wire(to)).toBe('<abc>');
  });
});
