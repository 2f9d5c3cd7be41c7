import { describe, expect, it } from 'vitest';
import { MAX_TOKEN_LENGTH, type MessageSlot } from '../contract/index.ts';
import { createStrip, messageSlotsIn, readFirstMessage } from './message-credential.ts';

const first: MessageSlot = { in: 'message', path: 'X-API-Key', when: 'first' };
const each: MessageSlot = { in: 'message', path: 'start.auth.key', when: 'each-start' };

describe('readFirstMessage', () => {
  it.each([
    { title: 'a field', text: '{"X-API-Key":"t","a":1}', token: 't', left: '{"a":1}' },
    {
      title: 'a field in fields',
      text: '{"start":{"auth":{"key":"t"}}}',
      token: 't',
      left: '{"start":{"auth":{}}}',
    },
    {
      title: 'a field that is there twice',
      text: '{"X-API-Key":"s","X-API-Key":"t"}',
      token: 't',
      left: '{}',
    },
    {
      title: 'a field in fields that are there twice',
      text: '{"start":{"auth":{"key":"t"}},"start":{}}',
      token: undefined,
      left: '{"start":{}}',
    },
    {
      title: 'a field with an escaped name in fields that are there twice',
      text: '{"start":{"auth":{"k\\u0065y":"t"}},"start":{}}',
      token: undefined,
      left: '{"start":{}}',
    },
    {
      title: 'a field in a list',
      text: '{"start":[7,[{"auth":[{"key":"t"},{}]}]]}',
      token: 't',
      left: '{"start":[7,[{"auth":[{},{}]}]]}',
    },
    { title: 'an escaped name', text: '{"X-API\\u002dKey":"t"}', token: 't', left: '{}' },
    {
      title: 'the same token twice',
      text: '{"X-API-Key":"t","start":{"auth":{"key":"t"}}}',
      token: 't',
      left: '{"start":{"auth":{}}}',
    },
    { title: 'no field, as it came', text: '{ "a" : 1 }', token: undefined, left: '{ "a" : 1 }' },
    { title: 'an empty field', text: '{"X-API-Key":"","a":1}', token: undefined, left: '{"a":1}' },
    {
      title: 'text where fields should be',
      text: '{"start":"auth"}',
      token: undefined,
      left: '{"start":"auth"}',
    },
    {
      title: 'what every object has',
      text: '{"start":{"auth":[]}}',
      token: undefined,
      left: '{"start":{"auth":[]}}',
    },
  ])('reads $title', ({ text, token, left }) => {
    expect(readFirstMessage(text, [first, each])).toEqual({ token, text: left });
  });

  it.each([
    ['no JSON', 'x', 'BadRequest'],
    ['a list', '[]', 'BadRequest'],
    ['a number', '{"X-API-Key":1}', 'BadRequest'],
    ['what nests too deep', `{"X-API-Key":"t","a":${'['.repeat(8_000)}${']'.repeat(8_000)}}`, 'BadRequest'],
    ['two tokens', '{"X-API-Key":"s","start":{"auth":{"key":"t"}}}', 'BadRequest'],
    ['a long token', JSON.stringify({ 'X-API-Key': 'x'.repeat(MAX_TOKEN_LENGTH + 1) }), 'AuthInvalid'],
  ])('cannot use %s', (_, text, name) => {
    expect(readFirstMessage(text, [first, each])).toMatchObject({ name });
  });
});

describe('createStrip', () => {
  it('is not needed behind the only message that can hold a token', () => {
    expect(createStrip([first], 't', true)).toBeUndefined();
    expect(createStrip([], 't', true)).toBeUndefined();
  });

  it('looks at the first message alone for a slot that stands there', () => {
    const strip = createStrip([first], 't', false);
    expect(strip?.('{"X-API-Key":"t"}')).toEqual({ forward: '{}' });
    expect(strip?.('{"X-API-Key":"u"}')).toEqual({ forward: '{"X-API-Key":"u"}' });
  });

  it('ends with a message that nests too deep to be written again', () => {
    const deep = `{"start":{"auth":{"key":"t"}},"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(createStrip([each], 't', true)?.(deep)).toEqual({ end: 'BadRequest' });
  });

  it('holds every later token to the first, also where none was known', () => {
    const strip = createStrip([each], undefined, true);
    expect(strip?.('{"start":{"auth":{"key":"t"}}}')).toEqual({ forward: '{"start":{"auth":{}}}' });
    expect(strip?.('{"start":{"auth":{"key":"u"}}}')).toEqual({ end: 'BadRequest' });
  });
});

it('messageSlotsIn leaves out the slots of handshakes', () => {
  expect(messageSlotsIn([{ in: 'query', name: 'key', format: '{key}' }, first])).toEqual([first]);
});
