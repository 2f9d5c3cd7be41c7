import { describe, expect, it } from 'vitest';
import { HttpFault } from './fault.ts';
import { createJsonJudge } from './json-judge.ts';

const judge = createJsonJudge({
  only: { '': ['model', 'messages', 'limit', 'tools', 'session'] },
  deny: ['messages[*].file_id'],
  values: { 'tools[*].type': ['custom'] },
  listed: { model: ['small', 'large-*'], 'session.model': ['small'] },
  required: ['model'],
  most: { limit: 100 },
  pin: { 'session.anchor': 'now' },
});

function judged(body: Record<string, unknown>): unknown {
  return JSON.parse(judge(body).toString());
}

function refusal(body: Record<string, unknown>): unknown {
  try {
    judge(body);
  } catch (error) {
    return error instanceof HttpFault ? [error.fault.status, error.fault.message] : error;
  }
  return undefined;
}

describe('a judged body', () => {
  it('is written anew, with what is the server’s', () => {
    const messages = [{ role: 'user', content: 'é ☃ 😀' }];
    expect(judged({ model: 'large-2', messages, session: { model: 'small' }, limit: 7 })).toEqual({
      ...{ model: 'large-2', messages, limit: 7 },
      session: { model: 'small', anchor: 'now' },
    });
  });

  it('gets the most where the client says nothing', () => {
    expect(judged({ model: 'small' })).toMatchObject({ limit: 100 });
  });

  it('may have null where a member is denied, which is as if it were not there', () => {
    expect(judged({ model: 'small', messages: [{ file_id: null }] })).toMatchObject({ model: 'small' });
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
