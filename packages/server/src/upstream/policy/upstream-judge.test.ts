import { describe, expect, it } from 'vitest';
import { expectNoSecret } from '../../../test/support/secret-search.ts';
import { police, PROVIDER_KEY } from '../../../test/support/policed.ts';
import { Secret } from '../secret.ts';
import type { MessagePolicy } from './policy.ts';

const BLANK: MessagePolicy = {
  blank: [{ types: ['session.created'], path: 'session.instructions' }],
  fields: { tools: { sent: [], echoed: [{ types: ['session.created'], path: 'session.tools' }] } },
  locked: { tools: [] },
};

describe('blanking', () => {
  it.each<[title: string, session: object, shown: object]>([
    ['a text', { instructions: 'ours', id: 1 }, { instructions: '', id: 1 }],
    ['a list', { tools: [{ name: 'x' }] }, { tools: [] }],
    ['an object', { tools: { a: 1 } }, { tools: {} }],
    ['anything else', { tools: 5 }, { tools: null }],
  ])('leaves %s empty', (_, session, shown) => {
    expect(police(BLANK).shown({ type: 'session.created', session })).toEqual({
      type: 'session.created',
      session: shown,
    });
  });

  it('does not depend on how the type is written', () => {
    const text = '{"type":"session\\u002ecreated","session":{"instructions":"ours"}}';
    expect(police(BLANK).shown(text)).toMatchObject({ session: { instructions: '' } });
  });

  it('leaves fields alone that are not locked', () => {
    const text = '{"type":"session.created", "session":{"tools":[1]}}';
    expect(police({ ...BLANK, locked: {} }).down(text)).toEqual({ forward: Buffer.from(text) });
  });

  it.each([
    '{"type":"other", "about":"session.created"}',
    '{"type": "session.created"}',
    '{"type":"session.created","session":{"created_ns":1795770209323000001, "n":1e400}}',
    '{"text":"\\u00e9", "n":9007199254740993.5}',
    'not JSON',
  ])('passes %s byte for byte', (text) => {
    expect(police(BLANK).down(text)).toEqual({ forward: Buffer.from(text) });
  });

  it('shows nothing of a message that it should look into and cannot read', () => {
    const { down, withheld } = police(BLANK);
    expect(down('{"type":"session.created","session":{"instructions":"ours"')).toEqual({ drop: true });
    expect(withheld).toHaveLength(1);
  });

  it('changes no number on the way, and shows nothing of a message where it would have to', () => {
    const { down, withheld } = police(BLANK);
    const text = '{"type":"session.created","session":{"instructions":"ours","ns":1795770209323000001}}';
    expect(down(text)).toEqual({ drop: true });
    expect(withheld).toEqual(['a message of the provider has a number that cannot be kept exactly']);
  });
});

describe('a key in what the provider says', () => {
  const injected = 'sk-think/"key"-0123456789';
  const policy: MessagePolicy = {
    rules: [{ types: ['Settings'], inject: { 'a.headers.authorization': new Secret(`Bearer ${injected}`) } }],
  };

  it.each([
    ['as it is', `{"type":"Error","description":"bad key ${PROVIDER_KEY}","n":1.0}`],
    ['in a name', `{"type":"Error","${PROVIDER_KEY}":1}`],
    ['outside an error', `{"type":"Welcome","key":"${PROVIDER_KEY}"}`],
    ['in escapes', `{"type":"Error","key":"\\u0070rovider-key-0123456789"}`],
    ['in base64', `{"type":"error","key":"${Buffer.from(PROVIDER_KEY).toString('base64')}"}`],
    ['in part', '{"type":"error","key":"key-012345"}'],
    ['as text', `an error: ${PROVIDER_KEY}`],
  ])('is redacted when it stands there %s', (_, text) => {
    const { down, withheld } = police(policy);
    const judgement = down(text);
    expectNoSecret(PROVIDER_KEY, judgement);
    expect(judgement).not.toEqual({ forward: Buffer.from(text) });
    expect(JSON.stringify(judgement)).not.toContain('key-01234');
    expect(withheld).toEqual(['a message of the provider holds a secret']);
  });

  it('leaves every other byte as it was', () => {
    const text = `{ "type":"Error", "n":1.0, "description":"bad key ${PROVIDER_KEY}, sorry" }`;
    expect(police(policy).down(text)).toEqual({ forward: text.replace(PROVIDER_KEY, '[redacted]') });
  });

  it('is found too when it is one that the server injected', () => {
    const text = JSON.stringify({ type: 'Error', description: `Bearer ${injected} was refused` });
    const judgement = police(policy).down(text);
    expectNoSecret(injected, judgement);
    expect(judgement).toHaveProperty('forward');
  });

  it('is not looked for where the policy says so', () => {
    const text = `{"type":"Error","description":"${PROVIDER_KEY}"}`;
    expect(police({ ...policy, redactKeys: false }).down(text)).toEqual({ forward: Buffer.from(text) });
  });
});

describe('calls of tools', () => {
  const policy: MessagePolicy = {
    toolCalls: {
      asked: { types: ['ask'], at: 'calls[*]', id: 'id', name: 'name' },
      answered: [{ types: ['answer'], path: 'id' }],
    },
    clientTools: ['mine'],
  };

  it('are answered by the client that was asked, for its own tools', () => {
    const { down, sent } = police(policy);
    expect(sent({ type: 'answer', id: 'one' })).toBeUndefined();
    down({
      type: 'ask',
      calls: [
        { id: 'one', name: 'mine' },
        { id: 'two', name: 'other' },
        { id: 3, name: 'mine' },
      ],
    });
    expect(sent({ type: 'answer', id: 'one' })).toEqual({ type: 'answer', id: 'one' });
    for (const id of ['two', 3, '3', null]) expect(sent({ type: 'answer', id })).toBeUndefined();
  });

  it('are forgotten when there are too many', () => {
    const { down, sent } = police(policy);
    for (let id = 0; id < 1_025; id += 1) down({ type: 'ask', calls: { id: `${id}`, name: 'mine' } });
    expect([sent({ type: 'answer', id: '0' }), sent({ type: 'answer', id: '1' })]).toEqual([
      undefined,
      { type: 'answer', id: '1' },
    ]);
  });
});
