import { describe, expect, it } from 'vitest';
import { HttpFault } from './fault.ts';
import { createJsonJudge } from './json-judge.ts';

const judge = createJsonJudge({
  only: { '': ['model', 'messages', 'limit', 'tools', 'session', 'parts'] },
  deny: ['messages[*].file_id'],
  values: { 'tools[*].type': ['custom'] },
  listed: { model: ['small', 'large-*'], 'session.model': ['small'] },
  required: ['model'],
  most: { limit: 100 },
  pin: { 'session.anchor': 'now' },
});

function refusal(body: Record<string, unknown>, by = judge): unknown {
  try {
    by(body);
  } catch (error) {
    return error instanceof HttpFault ? [error.fault.status, error.fault.message] : error;
  }
  return undefined;
}

describe('a judged body', () => {
  it('is written anew, with what is the server’s', () => {
    const messages = [{ role: 'user', content: 'é ☃ 😀' }];
    expect(judge({ model: 'large-2', messages, session: { model: 'small' }, limit: 7 })).toEqual({
      ...{ model: 'large-2', messages, limit: 7 },
      session: { model: 'small', anchor: 'now' },
    });
  });

  it('gets the most where the client says nothing', () => {
    expect(judge({ model: 'small' })).toMatchObject({ limit: 100 });
  });

  it('may have null where a member is denied, which is as if it were not there', () => {
    expect(judge({ model: 'small', messages: [{ file_id: null }] })).toMatchObject({ model: 'small' });
  });
});

describe('what a value of a place requires', () => {
  const byKind = createJsonJudge({ requiredBy: { 'job.kind': { talk: ['job.model'], wait: [] } } });

  it.each([
    ['has it', { job: { kind: 'talk', model: 'small' } }],
    ['has nothing to have', { job: { kind: 'wait' } }],
    [
      'is in every element of a list',
      {
        job: [
          { kind: 'talk', model: 'a' },
          { kind: 'talk', model: 'b' },
        ],
      },
    ],
  ])('passes when it %s', (_, body) => {
    expect(byKind(body)).toEqual(body);
  });

  it.each([
    ['lacks it', { job: { kind: 'talk' } }, 400, 'The body has no job.model.'],
    ['lacks the place', { job: { model: 'small' } }, 400, 'The body has no job.kind.'],
    ['has another value', { job: { kind: 'run' } }, 403, 'This job.kind is not allowed here.'],
    ['has the name of a method', { job: { kind: 'toString' } }, 403, 'This job.kind is not allowed here.'],
    ['has a list of values', { job: { kind: ['wait'] } }, 403, 'This job.kind is not allowed here.'],
    [
      'lacks it in one element',
      { job: [{ kind: 'wait' }, { kind: 'talk' }] },
      400,
      'The body has no job.model.',
    ],
  ])('refuses what %s', (_, body, status, message) => {
    expect(refusal(body, byKind)).toEqual([status, message]);
  });
});

describe('a body is refused', () => {
  it.each([
    ['without a required member', { limit: 1 }, 400, 'The body has no model.'],
    ['for a model that is not listed', { model: 'huge' }, 403, 'This model is not allowed here.'],
    ['for a model that is no text', { model: ['small'] }, 403, 'This model is not allowed here.'],
    [
      'for a listed member within another',
      { model: 'small', session: { model: 'huge' } },
      403,
      'This session.model is not allowed here.',
    ],
    ['above the most', { model: 'small', limit: 101 }, 400, 'limit is at most 100 here.'],
    [
      'below nothing, which some servers take for no limit',
      { model: 'small', limit: -1 },
      400,
      'limit is negative.',
    ],
    ['for a most that is no number', { model: 'small', limit: '9' }, 400, 'limit is not a number.'],
  ])('%s', (_, body, status, message) => {
    expect(refusal(body)).toEqual([status, message]);
  });

  it.each([
    ['that is not listed', { model: 'small', extra: 1 }, /^The body has a member that is not allowed/],
    ['that is denied', { model: 'small', messages: [{}, { file_id: 'f' }] }, /file_id/],
    ['with a value that is not listed', { model: 'small', tools: [{ type: 'web_search' }] }, /type/],
  ])('for a member %s, and says where', (_, body, named) => {
    expect(refusal(body)).toEqual([403, expect.stringMatching(named)]);
  });

  it('for a member that would become a prototype', () => {
    const body = JSON.parse('{"model":"small","__proto__":{"limit":1000}}') as Record<string, unknown>;
    expect(refusal(body)).toEqual([expect.any(Number), expect.any(String)]);
  });
});

describe('rules look through lists', () => {
  const listing = createJsonJudge({ listed: { 'parts.model': ['small'] } });
  const needing = createJsonJudge({ required: ['parts.model'] });
  const limiting = createJsonJudge({ most: { 'parts.limit': 100 } });
  const small = { model: 'small' };
  const foreign = [403, 'This parts.model is not allowed here.'];
  const missing = [400, 'The body has no parts.model.'];

  it.each([
    ['one of a list', [small, { model: 'huge' }], foreign],
    ['one of a list within a list', [[small], [{ model: 'huge' }]], foreign],
    ['one that is a list of names', [{ model: ['small'] }], foreign],
    ['none of a list of good ones', [small, { other: 1 }, small], undefined],
    ['none of an empty list', [], undefined],
  ])('for a listed member: %s', (_, parts, expected) => {
    expect(refusal({ parts }, listing)).toEqual(expected);
  });

  it.each([
    ['is in all', [small, small], undefined],
    ['is missing in one', [small, {}], missing],
    ['is missing since one is no object', [small, 'small'], missing],
    ['is missing in an empty list', [], missing],
    ['is missing in a text', 'small', missing],
    ['is missing with what would hold it', undefined, missing],
  ])('for a required member that %s', (_, parts, expected) => {
    expect(refusal(parts === undefined ? {} : { parts }, needing)).toEqual(expected);
  });

  it.each([
    ['above the most', [{ limit: 1 }, { limit: 101 }], 'parts.limit is at most 100 here.'],
    ['no number', [{ limit: 1 }, { limit: '9' }], 'parts.limit is not a number.'],
    ['null', [{ limit: null }], 'parts.limit is not a number.'],
  ])('for a number that is %s in one of a list', (_, parts, message) => {
    expect(refusal({ parts }, limiting)).toEqual([400, message]);
  });

  it.each([
    ['those of a list that lack it', [{ limit: 7 }, {}], [{ limit: 7 }, { limit: 100 }]],
    ['a place for an empty list', [], { limit: 100 }],
    ['a place for what is none', ['x'], { limit: 100 }],
    ['a place where there is none', undefined, { limit: 100 }],
  ])('and give the most to %s', (_, parts, expected) => {
    expect(limiting(parts === undefined ? {} : { parts })).toEqual({ parts: expected });
  });
});

describe('a name in another case', () => {
  const judgeNames = createJsonJudge({
    listed: { model: ['small'] },
    deny: ['tools[*].url', 'any.*.secret'],
    most: { 'options.limit': 10 },
  });

  it.each([
    ['Model', { model: 'small', Model: 'large' }],
    ['MODEL', { MODEL: 'large' }],
    ['tool\u017F', { model: 'small', 'tool\u017F': [] }],
    ['URL', { model: 'small', tools: [{}, { URL: 'x' }] }],
    ['Tools', { model: 'small', Tools: [] }],
    ['URL', { model: 'small', tools: { URL: 'x' } }],
    ['Secret', { model: 'small', any: { a: 1, b: { Secret: 1 } } }],
    ['Limit', { model: 'small', options: { limit: 1, Limit: 99 } }],
  ])('is refused where a rule has a name: %s', (name, body) => {
    expect(() => judgeNames(body)).toThrow(`The body has ${name}, which differs by its case alone`);
  });

  it('passes anywhere else', () => {
    const body = { model: 'small', text: { Model: 1, URL: 2 }, options: { limit: 1, deep: { Limit: 3 } } };
    expect(judgeNames(body)).toEqual(body);
  });
});
