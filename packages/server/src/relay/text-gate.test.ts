import { beforeEach, describe, expect, it } from 'vitest';
import { type CloseName, NORMAL_CLOSURE } from '../contract/index.ts';
import { MemoryLeg } from '../leg/memory-leg.ts';
import type { Judge, Judgement } from './judge.ts';
import { Lane } from './lane.ts';
import { TextGate } from './text-gate.ts';

let from: MemoryLeg;
let to: MemoryLeg;
let lane: Lane;
let answers: string[];
let ends: [CloseName, unknown][];
let takesAnswers: boolean;

beforeEach(() => {
  from = new MemoryLeg();
  to = new MemoryLeg();
  answers = [];
  ends = [];
  takesAnswers = true;
  lane = new Lane({ watermarks: { highBytes: 1_000 }, onStall: () => undefined });
  lane.readFrom(from);
  lane.writeTo(to);
});

/** Has `judge` judge what the source sends, as a relay does. */
function gateWith(judge: Judge): TextGate {
  const gate = new TextGate({
    judge,
    lane,
    answer: (text) => {
      if (takesAnswers) answers.push(text);
      return takesAnswers;
    },
    onEnd: (name, cause) => ends.push([name, cause]),
  });
  from.listen(
    {
      onText: (payload) => gate.take(payload),
      onData: (bytes, kind) => lane.pass(bytes, kind),
      onMessageEnd: () => undefined,
      onPing: () => undefined,
      onPong: () => undefined,
      onBoundary: () => undefined,
      onDrain: () => undefined,
      onClose: () => undefined,
      onGone: () => undefined,
    },
    { opens: 'text', maxOpenedBytes: 1_000, countsMessages: false },
  );
  return gate;
}

/** Judges when the test says so. */
function laterJudge(): { judge: Judge; asked: string[]; decide(...judgements: Judgement[]): Promise<void> } {
  const asked: string[] = [];
  const deciders: ((judgement: Judgement) => void)[] = [];
  return {
    asked,
    judge: (message) => {
      asked.push(message.toString());
      return new Promise((resolve) => deciders.push(resolve));
    },
    async decide(...judgements) {
      for (const judgement of judgements) deciders.shift()?.(judgement);
      await settled();
    },
  };
}

/** Every callback of promises that are settled by now has run. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const sent = (): string[] => to.sent.map(({ payload, kind }) => `${kind}:${payload}`);
const times = [
  { when: 'at once', answer: (given: unknown) => given as Judgement },
  { when: 'later', answer: (given: unknown) => Promise.resolve(given as Judgement) },
];

describe.each(times)('a judgement that comes $when', ({ answer }) => {
  it.each([
    ['as text', 'changed'],
    ['as bytes', Buffer.from('changed')],
  ])('forwards what it says, %s', async (_, forward) => {
    gateWith(() => answer({ forward })).take(Buffer.from('given'));
    await settled();
    expect([sent(), answers, ends]).toEqual([['text:changed'], [], []]);
  });

  it('forwards what stood in a Buffer then, whatever its owner writes into it later', async () => {
    const forward = Buffer.from('first');
    gateWith(() => answer({ forward })).take(Buffer.from('given'));
    await settled();
    forward.write('later');
    expect(sent()).toEqual(['text:first']);
  });

  it.each([
    ['silently', { drop: true }, []],
    ['with a word to its sender', { drop: true, tell: 'no' }, ['no']],
    ['with an empty word to its sender', { drop: true, tell: '' }, ['']],
  ])('drops the message %s', async (_, judgement, told) => {
    gateWith(() => answer(judgement)).take(Buffer.from('given'));
    await settled();
    expect([sent(), answers, ends]).toEqual([[], told, []]);
  });

  it('ends the session by the row it names, and forwards nothing', async () => {
    gateWith(() => answer({ end: 'RateLimited', forward: 'x' })).take(Buffer.from('given'));
    await settled();
    expect([sent(), ends]).toEqual([[], [['RateLimited', undefined]]]);
  });

  it('ends the session of a sender who does not take its answers', async () => {
    takesAnswers = false;
    gateWith(() => answer({ drop: true, tell: 'no' })).take(Buffer.from('given'));
    await settled();
    expect(ends).toEqual([['PolicyViolation', undefined]]);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['true', true],
    ['a bare text', 'forward'],
    ['an empty object', {}],
    ['a drop that is none', { drop: false }],
    ['a drop that is not true', { drop: 1 }],
    ['nothing to forward', { forward: undefined }],
    ['a number to forward', { forward: 5 }],
    ['an array to forward', { forward: [1, 2] }],
    ['a plain byte array to forward', { forward: new Uint8Array(2) }],
  ])('ends the session as an error of our own when it is %s', async (_, judgement) => {
    gateWith(() => answer(judgement)).take(Buffer.from('given'));
    await settled();
    expect([sent(), ends]).toEqual([[], [['Internal', expect.any(TypeError)]]]);
  });
});

describe('a judge', () => {
  const failure = new Error('broken');

  it.each([
    [
      'throws',
      () => {
        throw failure;
      },
    ],
    ['rejects', () => Promise.reject(failure)],
  ])('that %s ends the session, and nothing unjudged passes', async (_, judge: Judge) => {
    gateWith(judge);
    from.peerSends('given');
    from.peerSends('next', 'binary');
    await settled();
    expect(ends).toEqual([['Internal', failure]]);
    expect(sent()).not.toContain('text:given');
  });

  it('that rejects does not let the source read on', async () => {
    gateWith(() => Promise.reject(failure));
    from.peerSends('given');
    from.peerSends('next', 'binary');
    await settled();
    expect([sent(), from.calls]).toEqual([[], ['pause']]);
  });

  it('that answers at once does not hold the source', () => {
    const gate = gateWith((message) => ({ forward: message }));
    expect(gate.take(Buffer.from('one'))).toBe(true);
    expect(from.calls).toEqual([]);
  });

  it('is asked one message at a time, and all stays in order', async () => {
    const { judge, asked, decide } = laterJudge();
    gateWith(judge);
    for (const text of ['one', 'two']) from.peerSends(text);
    from.peerSends('raw', 'binary');
    expect([asked, from.calls]).toEqual([['one'], ['pause']]);
    await decide({ forward: 'ONE' });
    expect([asked, sent()]).toEqual([['one', 'two'], ['text:ONE']]);
    await decide({ drop: true });
    expect([sent(), lane.isWaiting]).toEqual([['text:ONE', 'binary:raw'], false]);
  });

  it('is awaited also when the target has emptied its queue meanwhile', async () => {
    const { judge, decide } = laterJudge();
    gateWith(judge);
    from.peerSends('one');
    from.peerSends('raw', 'binary');
    lane.drained();
    expect(sent()).toEqual([]);
    await decide({ forward: 'ONE' });
    expect(sent()).toEqual(['text:ONE', 'binary:raw']);
  });

  it('that decides after the end of the session changes nothing', async () => {
    const { judge, decide } = laterJudge();
    gateWith(judge);
    from.peerSends('one');
    lane.mute();
    lane.finish({ code: NORMAL_CLOSURE });
    await decide({ forward: 'late' });
    expect([sent(), to.calls, ends]).toEqual([[], ['close 1000'], []]);
  });
});
