import { describe, expect, it } from 'vitest';
import { MESSAGE_REFUSALS } from '../../contract/index.ts';
import { police } from '../../../test/support/policed.ts';
import { Secret } from '../secret.ts';
import type { MessagePolicy } from './policy.ts';

const told = (code: string): unknown => ({
  drop: true,
  tell: expect.stringContaining(`"code":"${code}"`) as string,
});
const END = { end: 'PolicyViolation' };

describe('a type', () => {
  const policy: MessagePolicy = { types: ['say', 'audio'], untyped: ['audio', 'video'] };

  it.each([
    ['an allowed one', { type: 'say' }, { type: 'say' }],
    ['a member that stands for one', { audio: 'AAAA' }, { audio: 'AAAA' }],
  ])('passes when it is %s', (_, message, sent) => {
    expect(police(policy).sent(message)).toEqual(sent);
  });

  it.each<[string, unknown]>([
    ['another one', { type: 'shout' }],
    ['one in other case', { type: 'Say' }],
    ['missing', { text: 'say' }],
    ['a list', { type: ['say'] }],
    ['null', { type: null }],
    ['there twice over', { type: 'say', audio: 'AAAA' }],
    ['two members that stand for one', { audio: 'AAAA', video: 'AAAA' }],
    ['that of the last duplicate', '{"type":"say","type":"shout"}'],
  ])('is refused when it is %s', (_, message) => {
    const { up, refusals } = police(policy);
    expect(up(message)).toEqual(told(MESSAGE_REFUSALS.otherType));
    expect(refusals).toEqual([{ type: undefined, path: undefined, why: 'type not allowed' }]);
  });

  it('ends the session where the policy says so', () => {
    expect(police({ ...policy, onOtherType: 'close' }).up({ type: 'shout' })).toEqual(END);
  });

  it('must be one that opens, until one has opened, while something is locked', () => {
    const fields = { prompt: { sent: [{ types: ['hello'], path: 'prompt', always: true }] } };
    const opening: MessagePolicy = { opensWith: ['hello'], fields, locked: { prompt: 'ours' } };
    const { up, sent } = police(opening);
    expect(up({ type: 'say' })).toEqual(told(MESSAGE_REFUSALS.otherType));
    expect(sent({ type: 'hello' })).toEqual({ type: 'hello', prompt: 'ours' });
    expect(sent({ type: 'say' })).toEqual({ type: 'say' });
    expect(police({ opensWith: ['hello'], rules: [] }).sent({ type: 'say' })).toEqual({ type: 'say' });
  });

  it('must be one that the provider has taken, where its answers are known', () => {
    const fields = { prompt: { sent: [{ types: ['hello'], path: 'prompt', always: true }] } };
    const openingAnswers = { taken: ['taken'], refused: ['error'] };
    const opening: MessagePolicy = {
      opensWith: ['hello'],
      openingAnswers,
      fields,
      locked: { prompt: 'ours' },
    };
    const { up, down, sent, shown } = police({ ...opening, redactKeys: false });
    expect(sent({ type: 'hello', bad: 1 })).toEqual({ type: 'hello', bad: 1, prompt: 'ours' });
    expect(shown({ type: 'error' })).toEqual({ type: 'error' });
    expect(up({ type: 'say' })).toEqual(told(MESSAGE_REFUSALS.otherType));
    sent({ type: 'hello' });
    down('no JSON');
    expect(up({ type: 'say' })).toEqual(told(MESSAGE_REFUSALS.otherType));
    shown({ type: 'taken' });
    expect(sent({ type: 'say' })).toEqual({ type: 'say' });
  });
});

describe('a rule', () => {
  const of = (rule: object): MessagePolicy => ({ rules: [{ types: ['set'], ...rule }] });

  it.each<[title: string, rule: object, message: object, sent: unknown]>([
    ['denies what is there', { deny: ['a.b'] }, { a: { b: 1 } }, undefined],
    ['denies what is false', { deny: ['a'] }, { a: false }, undefined],
    ['removes a denied null', { deny: ['a.b'] }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
    ['denies in lists', { deny: ['a[*].b'] }, { a: [{}, { b: 1 }] }, undefined],
    ['denies where a list came unexpected', { deny: ['a.b'] }, { a: [{ b: 1 }] }, undefined],
    ['lets other members pass', { deny: ['a.b'] }, { a: { B: 1 }, b: 2 }, { a: { B: 1 }, b: 2 }],
    ['allows listed values', { values: { a: ['x', 1, null] } }, { a: 1 }, { a: 1 }],
    ['allows no values', { values: { a: ['x'] } }, {}, {}],
    ['refuses other values', { values: { a: ['x'] } }, { a: ['x'] }, undefined],
    [
      'allows listed members',
      { only: { a: ['b', 'c.d'] } },
      { a: { b: { e: 1 }, c: { d: 1 } } },
      { a: { b: { e: 1 }, c: { d: 1 } } },
    ],
    ['refuses other members', { only: { a: ['b'] } }, { a: { c: 1 } }, undefined],
    ['refuses other members below', { only: { a: ['c.d'] } }, { a: { c: { e: 1 } } }, undefined],
    ['refuses a text for members', { only: { a: ['b'] } }, { a: 'stored' }, undefined],
    ['takes null for no members', { only: { a: ['b.c'] } }, { a: { b: null } }, { a: { b: null } }],
    ['takes an object without members', { only: { a: ['b', 'c.{}'] } }, { a: { c: {} } }, { a: { c: {} } }],
    ['refuses members of one that has none', { only: { a: ['c.{}'] } }, { a: { c: { d: 1 } } }, undefined],
    ['limits the message itself', { only: { '': ['type', 'a'] } }, { a: 1, b: 2 }, undefined],
    ['pins what is missing', { pin: { 'a.b': [1] } }, {}, { a: { b: [1] } }],
    ['pins over what is there', { pin: { 'a.b': 1 } }, { a: { b: { c: 2 }, d: 3 } }, { a: { b: 1, d: 3 } }],
    ['replaces what is there', { replace: { 'a[*].b': 1 } }, { a: [{ b: 2 }, {}] }, { a: [{ b: 1 }, {}] }],
    [
      'injects after it has denied',
      { deny: ['a'], inject: { a: { key: new Secret('sk') } } },
      {},
      { a: { key: 'sk' } },
    ],
  ])('%s', (_, rule, message, sent) => {
    expect(police(of(rule)).sent({ type: 'set', ...message })).toEqual(
      sent === undefined ? undefined : { type: 'set', ...(sent as object) },
    );
  });

  it('concerns its types only, or all', () => {
    expect(police(of({ deny: ['a'] })).sent({ type: 'other', a: 1 })).toEqual({ type: 'other', a: 1 });
    expect(police({ rules: [{ types: '*', deny: ['a'] }] }).sent({ type: 'other', a: 1 })).toBeUndefined();
    expect(police({ rules: [{ types: '*', deny: ['a'] }] }).sent({ a: 1 })).toBeUndefined();
  });

  it('tells the path and never the value, to the client and to the log', () => {
    const { up, refusals } = police(of({ deny: ['a[*].b'] }));
    const judgement = up({ type: 'set', a: [{ b: 'a secret of the client' }] });
    expect(judgement).toEqual({
      drop: true,
      tell: '{"type":"error","code":"policy_violation","message":"a[*].b may not be set here.","session_id":"session-id"}',
    });
    expect(refusals).toEqual([{ type: 'set', path: 'a[*].b', why: 'may not be set here' }]);
  });

  it('ends the session where the policy says so', () => {
    const { up } = police({ ...of({ deny: ['a'] }), onBreach: 'close' });
    expect([up({ type: 'set', a: 1 }), up('[]')]).toEqual([END, END]);
  });

  it('gives each message its own copy of what is pinned', () => {
    const { sent } = police(of({ pin: { a: { b: 1 } }, inject: { 'a.c': 2 } }));
    expect([sent({ type: 'set' }), sent({ type: 'set' })]).toEqual(
      Array.from({ length: 2 }, () => ({ type: 'set', a: { b: 1, c: 2 } })),
    );
  });
});

describe('a model', () => {
  const places = [{ types: ['set'], path: 'session.model' }];

  it.each<[title: string, rule: object, model: unknown, passes: boolean]>([
    ['is that of the query', { query: ['model'] }, 'the-model', true],
    ['is that of another parameter', { query: ['x', 'deployment'] }, 'a', true],
    ['is listed', { names: ['b'] }, 'b', true],
    ['differs', { query: ['model'] }, 'a', false],
    ['is no text', { query: ['model'] }, ['the-model'], false],
    ['was never authorised', { query: ['x'] }, 'the-model', false],
    ['is not listed, though the query has it', { names: ['b'], query: ['model'] }, 'the-model', false],
  ])('is judged when it %s', (_, rule, model, passes) => {
    const message = { type: 'set', session: { model } };
    const judgement = police({ model: { places, ...rule } }).up(message);
    expect(judgement).toEqual(passes ? { forward: JSON.stringify(message) } : END);
  });
});

describe('an unreadable message', () => {
  it('is told why in fixed words', () => {
    const { up, refusals } = police({ types: ['set'] });
    expect(up('{"type":"set","a":1e999}')).toEqual(told(MESSAGE_REFUSALS.unreadable));
    expect(refusals[0]?.why).toBe('has a number that cannot be kept exactly');
  });

  it('leaves a bounded number of lines in the log', () => {
    const { up, refusals } = police({ types: ['set'] });
    for (let count = 0; count < 100; count += 1) up('not JSON');
    expect(refusals).toHaveLength(20);
  });
});
