import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import { ProxyError } from '../errors.ts';
import { createTestClock, type TestClock } from '../../test/support/test-clock.ts';
import type { Judge, Judgement } from '../relay/judge.ts';
import { DEFAULT_HOOK_BYTES, type MessageHook } from '../upstream/message-hook.ts';
import type { DirectionRules } from '../relay/judge.ts';
import { createStrip } from '../auth/message-credential.ts';
import { compilePolicy } from '../upstream/policy/compile.ts';
import { createPolicing } from '../upstream/policy/policing.ts';
import { Secret } from '../upstream/secret.ts';
import { createEnding } from './ending.ts';
import { createJudging, withEnding, withStrip } from './judging.ts';

const toRules = (
  clock: Parameters<typeof createJudging>[0],
  hookMs: number,
  rules: Parameters<typeof createJudging>[2],
  direction: 'up' | 'down',
): DirectionRules => createJudging(clock, hookMs, rules)[direction];

const HOOK_MS = 100;

let clock: TestClock;

beforeEach(() => {
  clock = createTestClock();
});

/** Lets everything happen that needs no outside event. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

const pass: MessageHook = (message) => ({ forward: message });

function judgeOf(up: MessageHook): Judge {
  const { judge } = toRules(clock, HOOK_MS, { up }, 'up');
  if (!judge) throw new Error('there is no judge');
  return judge;
}

describe('toRules', () => {
  it('judges nothing where there is no hook, and refuses nothing', () => {
    for (const direction of ['up', 'down'] as const)
      expect(toRules(clock, HOOK_MS, {}, direction)).toEqual({
        judge: undefined,
        maxOpenedBytes: DEFAULT_HOOK_BYTES,
        refuses: undefined,
      });
  });

  it('judges the direction of its hook only', () => {
    expect(toRules(clock, HOOK_MS, { up: pass }, 'up').judge).toBeTypeOf('function');
    expect(toRules(clock, HOOK_MS, { up: pass }, 'down').judge).toBeUndefined();
    expect(toRules(clock, HOOK_MS, { down: pass }, 'down').judge).toBeTypeOf('function');
    expect(toRules(clock, HOOK_MS, { down: pass }, 'up').judge).toBeUndefined();
  });

  it('opens texts up to the length that the route says', () => {
    for (const direction of ['up', 'down'] as const)
      expect(toRules(clock, HOOK_MS, { maxBytes: 5 }, direction).maxOpenedBytes).toBe(5);
  });

  it.each([
    ['text', 'binary'],
    ['binary', 'text'],
  ] as const)('lets clients send %s only and refuses %s, but not to the provider', (only, refused) => {
    expect(toRules(clock, HOOK_MS, { onlyFromClient: only }, 'up').refuses).toBe(refused);
    expect(toRules(clock, HOOK_MS, { onlyFromClient: only }, 'down').refuses).toBeUndefined();
  });
});

describe('a policy for texts only', () => {
  const policed = { maxBytes: 1, onlyText: true };

  it('refuses binary messages of clients, unless the application says which kind they may send', () => {
    expect(createJudging(clock, HOOK_MS, {}, policed).up.refuses).toBe('binary');
    expect(createJudging(clock, HOOK_MS, {}, policed).down.refuses).toBeUndefined();
    expect(createJudging(clock, HOOK_MS, { onlyFromClient: 'binary' }, policed).up.refuses).toBe('text');
  });
});

describe('a judge', () => {
  it('gives the hook the text and hands back what it decides, at once', () => {
    const seen: string[] = [];
    const decided: Judgement = { drop: true, tell: 'no' };
    const judge = judgeOf((message) => {
      seen.push(message);
      return decided;
    });
    expect(judge(Buffer.from('{"say":"€\u{1f511}"}'))).toBe(decided);
    expect(seen).toEqual(['{"say":"€\u{1f511}"}']);
    expect(clock.pending()).toBe(0);
  });

  it('throws what the hook throws', () => {
    const error = new Error('of the hook');
    expect(() =>
      judgeOf(() => {
        throw error;
      })(Buffer.from('x')),
    ).toThrow(error);
  });

  it('resolves with what a slow hook decides in time, and leaves no timer', async () => {
    let decide: (judgement: Judgement) => void = () => undefined;
    const judging = judgeOf(() => new Promise<Judgement>((resolve) => (decide = resolve)))(Buffer.from('x'));
    clock.advance(HOOK_MS - 1);
    decide({ forward: 'y' });
    expect(await judging).toEqual({ forward: 'y' });
    await settle();
    expect(clock.pending()).toBe(0);
  });

  it('rejects with what a slow hook rejects with, and leaves no timer', async () => {
    const error = new Error('of the hook');
    const judging = judgeOf(() => Promise.reject(error))(Buffer.from('x'));
    await expect(judging).rejects.toBe(error);
    await settle();
    expect(clock.pending()).toBe(0);
  });

  it('rejects when the hook takes too long, whatever it decides later', async () => {
    let decide: (judgement: Judgement) => void = () => undefined;
    const judging = judgeOf(() => new Promise<Judgement>((resolve) => (decide = resolve)))(Buffer.from('x'));
    clock.advance(HOOK_MS);
    decide({ forward: 'late' });
    const error: unknown = await Promise.resolve(judging).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toMatchObject({ closeName: 'Internal' });
    expect(clock.pending()).toBe(0);
  });

  it('waits for a promise that is not of this realm like for any other', async () => {
    const foreign: unknown = runInNewContext("Promise.resolve({ forward: 'later' })");
    const judging = judgeOf(() => foreign as Promise<Judgement>)(Buffer.from('x'));
    expect(await judging).toEqual({ forward: 'later' });
    expect(judging).toBeInstanceOf(Promise);
  });
});

describe('withStrip', () => {
  const SLOT = { in: 'message', path: 'token', when: 'each-start' } as const;
  const strip = createStrip([SLOT], 'the-token', true);

  it('has neither the policy nor the hook see a token, and the provider gets what they let pass', () => {
    const seen: string[] = [];
    const see = (by: string, message: Buffer | string): Judgement => {
      seen.push(`${by} ${message.toString()}`);
      return { forward: message };
    };
    const policed = { up: (text: Buffer) => see('policy', text), down: undefined, maxBytes: 100 };
    const hook: MessageHook = (text) => see('hook', text);
    const { up } = createJudging(clock, HOOK_MS, { up: hook }, withStrip(strip, policed));
    const judgement = up.judge?.(Buffer.from('{"token":"the-token","type":"start"}'));
    expect(judgement).toEqual({ forward: '{"type":"start"}' });
    expect(seen).toEqual(['policy {"type":"start"}', 'hook {"type":"start"}']);
  });

  it('leaves a refusal to the policy, which then repeats no token', () => {
    const up = (text: Buffer): Judgement => ({ drop: true, tell: `refused ${text.toString()}` });
    const judging = createJudging(
      clock,
      HOOK_MS,
      {},
      withStrip(strip, { up, down: undefined, maxBytes: 100 }),
    );
    const judgement = judging.up.judge?.(Buffer.from('{"type":"start","token":"the-token"}'));
    expect(judgement).toEqual({ drop: true, tell: 'refused {"type":"start"}' });
  });

  it('asks no policy about another token, and ends the session', () => {
    const up = (): Judgement => {
      throw new Error('asked');
    };
    const policed = withStrip(strip, { up, down: undefined, maxBytes: 100 });
    expect(policed?.up?.(Buffer.from('{"token":"of-another"}'))).toEqual({ end: 'BadRequest' });
  });
});

describe('an opening message', () => {
  const fields = { prompt: { sent: [{ types: ['hello'], path: 'prompt', always: true }] } };
  const compiled = compilePolicy({ opensWith: ['hello'], fields, locked: { prompt: 'ours' } });
  const drop = { drop: true } as const;

  /** A session whose application decides so on what its policy lets pass. */
  function judgeWith(hook: MessageHook): Judge {
    const policing = createPolicing(compiled, {
      ...{ id: 'x', dialect: 'plain', secret: new Secret('key'), url: 'wss://provider.test' },
      onRefused: () => undefined,
      onWithheld: () => undefined,
    });
    const policed = { ...policing, maxBytes: DEFAULT_HOOK_BYTES };
    return createJudging(clock, HOOK_MS, { up: hook }, policed).up.judge as Judge;
  }

  const dropsFirst = (): ((message: string) => Judgement) => {
    let count = 0;
    return (message) => ((count += 1) === 1 ? drop : { forward: message });
  };

  it.each([false, true])('opens nothing when the application drops it, later: %s', async (isLater) => {
    const decide = dropsFirst();
    const judge = judgeWith((message) => (isLater ? Promise.resolve(decide(message)) : decide(message)));
    expect(await judge(Buffer.from('{"type":"hello"}'))).toBe(drop);
    expect(await judge(Buffer.from('{"type":"say"}'))).toMatchObject({
      drop: true,
      tell: expect.any(String),
    });
    const opened = { forward: '{"type":"hello","prompt":"ours"}' };
    expect(await judge(Buffer.from('{"type":"hello"}'))).toEqual(opened);
    expect(await judge(Buffer.from('{"type":"say"}'))).toEqual({ forward: '{"type":"say"}' });
  });
});

describe('a last message', () => {
  const facts = {
    transport: 'ws',
    nativePaths: [],
    lastTypes: ['end'],
    usage: [{ on: 'message', match: { type: 'end' }, read: { seconds: 'seconds' } }],
  } as const;

  it.each<[title: string, down: MessageHook, hasEnded: boolean]>([
    ['dropped', () => ({ drop: true }), false],
    ['cut', () => ({ forward: '{"type":"end"}' }), true],
    ['made another', () => ({ forward: '{"type":"other"}' }), false],
  ])('tells the usage, also where the application has it %s', async (_, down, hasEnded) => {
    const ending = createEnding({ facts, hidden: undefined, plainError: '{}' });
    const { judge } = createJudging(clock, HOOK_MS, { down }, withEnding(ending, undefined)).down;
    await judge?.(Buffer.from('{"type":"end","seconds":7}'));
    expect([ending?.used(0), ending?.hasEnded]).toEqual([{ audioBytes: 0, seconds: 7 }, hasEnded]);
  });
});
