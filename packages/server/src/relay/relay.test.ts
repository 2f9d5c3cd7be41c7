import { describe, expect, it } from 'vitest';
import { CLOSE_ROWS, MAX_CONTROL_FRAME_BYTES, NORMAL_CLOSURE } from '../contract/index.ts';
import { inSessionMode, RelayRig, sentOn } from '../../test/support/relay-rig.ts';
import type { Judgement } from './judge.ts';
import type { RelayPlan } from './relay.ts';
import { DEFAULT_WATERMARKS } from './watermarks.ts';

const marks = { highBytes: 100 };
const goodbye = { code: NORMAL_CLOSURE, reason: 'bye' };
const lost = { code: 1006, reason: '' };

const open = (plan: RelayPlan = { watermarks: marks }): RelayRig => new RelayRig(plan).start();

const directions = [
  { direction: 'up', from: 'client', to: 'upstream' },
  { direction: 'down', from: 'upstream', to: 'client' },
] as const;

describe.each(directions)('the relay $direction', ({ direction, from, to }) => {
  it('passes what comes in order, byte for byte, with its kind', () => {
    const rig = open();
    const sent = [
      { payload: Buffer.from('one'), kind: 'text' as const },
      { payload: Buffer.from([0, 0xff, 0xfe]), kind: 'binary' as const },
      { payload: Buffer.alloc(0), kind: 'binary' as const },
      { payload: Buffer.alloc(0), kind: 'text' as const },
    ];
    for (const { payload, kind } of sent) rig[from].peerSends(payload, kind);
    rig[from].peerSendsWire('\u0001bytes of frames');
    expect(rig[to].sent.slice(0, -1)).toEqual(sent);
    expect(sentOn(rig[to])).toContain('\u0001bytes of frames');
    expect(rig[from].sent).toEqual([]);
  });

  it('passes what came before it was started, first', () => {
    const rig = new RelayRig();
    rig[from].peerSends('early');
    rig.start();
    rig[from].peerSends('late');
    expect(sentOn(rig[to])).toBe('<early><late>');
  });

  it('counts frames and bytes', () => {
    const rig = open();
    rig[from].peerSends('€');
    rig[from].peerSends(Buffer.alloc(10), 'binary');
    const other = direction === 'up' ? 'down' : 'up';
    expect(rig.relay[direction]).toEqual({ frames: 2, bytes: 13 });
    expect(rig.relay[other]).toEqual({ frames: 0, bytes: 0 });
  });

  it('holds the source back at the high mark until the target has taken all, and tells who is slow', () => {
    const rig = open();
    rig[to].bufferedBytes = marks.highBytes;
    rig[from].peerSends('at');
    rig[from].peerSends('held');
    expect([rig[from].calls, sentOn(rig[to]), rig.relay.backlog(to)]).toEqual([['pause'], '<at>', 100]);
    rig[to].peerTakes(0);
    expect([rig[from].calls, sentOn(rig[to])]).toEqual([['pause', 'resume'], '<at><held>']);
    expect(rig.stalls).toEqual([
      [to, true],
      [to, false],
    ]);
  });

  it('leaves the other direction alone when it waits', () => {
    const rig = open();
    rig[to].bufferedBytes = marks.highBytes;
    rig[from].peerSends('a');
    rig[to].peerSends('answer');
    expect([rig[to].calls, sentOn(rig[from])]).toEqual([[], '<answer>']);
  });

  it.each([
    ['ping', 'peerPings'],
    ['pong', 'peerPongs'],
  ] as const)('passes a %s and does not answer it', (kind, play) => {
    const rig = open();
    rig[from][play]('x');
    expect([rig[to].calls, rig[from].calls]).toEqual([[`${kind} x`], []]);
  });

  it('has each text judged, and passes other kinds unseen', () => {
    const seen: string[] = [];
    const judge = (message: Buffer): Judgement => {
      seen.push(message.toString());
      return { forward: message.toString().toUpperCase() };
    };
    const rig = open({ [direction]: { judge, maxOpenedBytes: 77, refuses: 'binary' } });
    rig[from].peerSends('text');
    rig[from].peerSends('binary', 'binary');
    rig[to].peerSends('not judged');
    expect([seen, sentOn(rig[to]), sentOn(rig[from])]).toEqual([['text'], '<TEXT><binary>', '<not judged>']);
    expect(rig[from].options).toMatchObject({ opens: 'text', maxOpenedBytes: 77, refuses: 'binary' });
    expect(rig[to].options).toMatchObject({ opens: 'none', refuses: undefined });
  });

  it('tells the sender what a judge has it told', () => {
    const rig = open({ [direction]: { judge: () => ({ drop: true, tell: 'no' }), maxOpenedBytes: 77 } });
    rig[from].peerSends('may I');
    expect([sentOn(rig[from]), sentOn(rig[to]), rig.judged]).toEqual(['<no>', '', []]);
  });

  it('does not read on while the sender does not take what it is told', () => {
    const judge = (): Judgement => ({ drop: true, tell: 'no' });
    const rig = open({ watermarks: marks, [direction]: { judge, maxOpenedBytes: 77 } });
    rig[from].bufferedBytes = marks.highBytes;
    rig[from].peerSends('read');
    rig[from].peerSends('left');
    expect([sentOn(rig[from]), rig[from].calls, rig[to].calls]).toEqual(['<no>', ['pause'], ['pause']]);
    rig[from].peerTakes(0);
    expect([sentOn(rig[from]), rig[from].calls, rig[to].calls]).toEqual([
      '<no><no>',
      ['pause', 'resume'],
      ['pause', 'resume'],
    ]);
  });

  it('reports the end that a judge decides on, and ends nothing itself', () => {
    const rig = open({ [direction]: { judge: () => ({ end: 'RateLimited' }), maxOpenedBytes: 77 } });
    rig[from].peerSends('too much');
    expect([rig.judged, rig.client.calls, rig.upstream.calls]).toEqual([
      [['RateLimited', undefined]],
      [],
      [],
    ]);
  });

  it('judges nothing that comes after the end of the session', () => {
    let judged = 0;
    const judge = (): Promise<Judgement> => {
      judged += 1;
      return new Promise(() => undefined);
    };
    const rig = open({ [direction]: { judge, maxOpenedBytes: 77 } });
    rig.relay.end({ client: goodbye, upstream: goodbye });
    rig[from].peerSends('late');
    expect([judged, rig[from].calls.includes('pause')]).toEqual([0, false]);
  });

  it('drains a source whose direction is over without passing what still comes', () => {
    const rig = open();
    rig.relay.finish(to, goodbye);
    rig[from].peerSends('late');
    rig[from].peerPings('late');
    expect([sentOn(rig[to]), rig[to].calls, rig[from].calls]).toEqual(['', ['close 1000 bye'], []]);
  });

  it('offers a text of its own between messages only', () => {
    const rig = open();
    expect(rig.relay.offer(to, 'own')).toBe(true);
    rig[from].peerSendsPart('ha');
    expect([rig.relay.offer(to, 'no'), sentOn(rig[to])]).toEqual([false, '<own>ha']);
  });

  it('says farewell behind the frame that is under way', () => {
    const rig = open();
    rig[from].peerSendsPart('ha');
    rig.relay.finish(to, { ...goodbye, text: 'last' });
    expect(rig[to].calls).toEqual([]);
    rig[from].peerSendsEnd('lf');
    expect([sentOn(rig[to]), rig[to].calls]).toEqual(['half<last>', ['close 1000 bye']]);
  });

  it('breaks off when the source is lost in mid-frame', () => {
    const rig = open();
    rig[from].peerSendsPart('ha');
    rig[from].peerEnds(lost);
    rig.relay.finish(to, goodbye);
    expect(rig[to].calls).toEqual(['end']);
  });
});

describe('the relay', () => {
  it('starts the upstream first, so that its greeting finds the way', () => {
    const rig = new RelayRig();
    rig.upstream.peerSends('greeting');
    rig.client.peerSends('hello');
    rig.start();
    expect([sentOn(rig.client), sentOn(rig.upstream)]).toEqual(['<greeting>', '<hello>']);
  });

  it('opens nothing unless it is asked to', () => {
    const { client, upstream } = open();
    const none = { opens: 'none', countsMessages: false, maxOpenedBytes: MAX_CONTROL_FRAME_BYTES };
    expect([client.options, upstream.options]).toMatchObject([none, none]);
  });

  it('tells of each leg’s end once, with what the peer said, and of its socket’s end', () => {
    const rig = open();
    rig.upstream.peerEnds(goodbye, true);
    expect([rig.closes, rig.gones]).toEqual([[['upstream', goodbye]], []]);
    rig.upstream.goes();
    rig.client.terminate();
    expect(rig.closes).toEqual([
      ['upstream', goodbye],
      ['client', lost],
    ]);
    expect(rig.gones).toEqual(['upstream', 'client']);
  });

  it('closes nothing itself, whatever ends', () => {
    const rig = open();
    const fault = { code: CLOSE_ROWS.TooLarge.code, reason: '', fault: 'TooLarge' } as const;
    rig.client.peerEnds(fault);
    expect([rig.upstream.calls, rig.closes]).toEqual([[], [['client', fault]]]);
  });

  it('tells of a leg that had ended before it was started', () => {
    const rig = new RelayRig();
    rig.upstream.peerEnds(goodbye);
    rig.start();
    expect(rig.closes).toEqual([['upstream', goodbye]]);
  });

  it('ends both directions with their own farewells', () => {
    const rig = open();
    rig.relay.end({ client: { code: CLOSE_ROWS.Internal.code, reason: 'why', text: 'error' }, upstream: {} });
    expect([sentOn(rig.client), rig.client.calls]).toEqual(['<error>', ['close 1011 why']]);
    expect([sentOn(rig.upstream), rig.upstream.calls]).toEqual(['', ['close']]);
  });

  it('passes nothing that waits behind a judgement when the session ends', async () => {
    const judge = (): Promise<Judgement> => Promise.resolve({ forward: 'judged' });
    const rig = open({ up: { judge, maxOpenedBytes: 77 } });
    rig.client.peerSends('given');
    rig.client.peerSends('behind', 'binary');
    rig.relay.end({ client: goodbye, upstream: goodbye });
    await Promise.resolve();
    expect([sentOn(rig.upstream), rig.upstream.calls[0]]).toEqual(['', 'close 1000 bye']);
  });

  it('takes what it gets of the client, and nothing of the upstream, for signs of the client', () => {
    const rig = open();
    rig.upstream.peerSends('a');
    rig.upstream.peerPongs();
    rig.upstream.peerPings();
    expect(rig.relay.clientSigns).toBe(0);
    const signs = [
      () => rig.client.peerPongs(),
      () => rig.client.peerSends('b'),
      () => rig.client.peerSends(''),
    ];
    const counts = signs.map((give) => {
      give();
      return rig.relay.clientSigns;
    });
    expect(counts).toEqual([1, 2, 3]);
  });

  it('pings the client, and keeps the answer from the upstream', () => {
    const rig = open();
    rig.relay.pingClient();
    const [call = ''] = rig.client.calls;
    expect(call).toMatch(/^ping voxproxy-[\w-]{8}$/);
    rig.client.peerPongs(call.slice('ping '.length));
    expect([rig.upstream.calls, rig.relay.clientSigns]).toEqual([[], 1]);
  });

  it.each(['', 'voxprox', 'voxproxy!'])('passes a pong of the client that is not ours: %j', (payload) => {
    const rig = open();
    rig.client.peerPongs(payload);
    expect(rig.upstream.calls).toEqual([`pong ${payload}`.trim()]);
  });

  it('passes what answers the pings of another proxy behind this one', () => {
    const [rig, behind] = [open(), open()];
    rig.relay.pingClient();
    behind.relay.pingClient();
    const [theirs = ''] = behind.client.calls;
    rig.client.peerPongs(theirs.slice('ping '.length));
    expect(rig.upstream.calls).toEqual([theirs.replace('ping', 'pong')]);
  });

  it('passes a pong of the upstream, whatever it holds', () => {
    const rig = open();
    rig.upstream.peerPongs('voxproxy');
    expect(rig.client.calls).toEqual(['pong voxproxy']);
  });

  it('does not ping in the middle of a frame', () => {
    const rig = open();
    rig.upstream.peerSendsPart('ha');
    rig.relay.pingClient();
    expect(rig.client.calls).toEqual([]);
  });

  it('says in which message the client is', () => {
    const rig = open();
    rig.client.peerSendsMessage('whole');
    expect(rig.relay.openMessage).toBeUndefined();
    rig.client.peerSendsPart('ha');
    expect(rig.relay.openMessage).toBe(1);
  });

  it('takes a text with the mark of control frames for data without session mode', () => {
    const seen: string[] = [];
    const judge = (message: Buffer): Judgement => {
      seen.push(message.toString());
      return { forward: message };
    };
    const rig = open({ up: { judge, maxOpenedBytes: 100 } });
    rig.client.peerSends('\u0001{}');
    expect([seen, rig.controls, rig.relay.up.frames]).toEqual([['\u0001{}'], [], 1]);
  });

  it('counts neither control frames of a client nor their bytes', () => {
    const rig = open(inSessionMode());
    rig.client.peerSends('\u0001{"type":"ack"}');
    rig.client.peerSends('\u0001', 'binary');
    expect([rig.relay.up, rig.controls.length]).toEqual([{ frames: 1, bytes: 1 }, 1]);
  });

  it('answers the pings of the upstream while the client is away, and drops its pongs', () => {
    const rig = open(inSessionMode());
    rig.relay.detach();
    rig.upstream.peerPings('there?');
    rig.upstream.peerPongs('here');
    expect([rig.upstream.calls, rig.client.calls]).toEqual([['pong there?'], ['terminate']]);
  });

  it('has a mark by default', () => {
    const rig = open({});
    rig.upstream.bufferedBytes = DEFAULT_WATERMARKS.highBytes - 1;
    rig.client.peerSends('a');
    expect(rig.client.calls).toEqual([]);
    rig.upstream.bufferedBytes = DEFAULT_WATERMARKS.highBytes;
    rig.client.peerSends('b');
    expect(rig.client.calls).toEqual(['pause']);
  });
});
