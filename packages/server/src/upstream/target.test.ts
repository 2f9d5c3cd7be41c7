import { describe, expect, it } from 'vitest';
import { readQuery } from '../contract/index.ts';
import type { Preset } from './preset.ts';
import { toTarget } from './target.ts';

const facts = { transport: 'ws', nativePaths: [], usage: [] } as const;

/** A provider that exists nowhere, with every kind of rule. */
const preset: Preset = {
  id: 'made-up',
  title: 'Made up',
  grade: 'own',
  endpoints: {
    talk: {
      facts,
      url: 'wss://up.test/talk',
      query: {
        defaults: {},
        defaultsUnless: [],
        pin: {},
        allow: { model: '[a-z0-9]{1,4}' },
        deny: ['callback'],
      },
    },
    hear: {
      facts,
      url: 'wss://up.test/hear',
      query: {
        defaults: { model: 'big one', rate: '16000' },
        defaultsUnless: ['model', 'rate'],
        pin: { tier: 'a&b', mip: 'true' },
        allow: {},
        deny: ['callback'],
      },
    },
  },
  choice: {
    byQuery: { name: 'service', values: { talk: 'talk', hearing: 'hear' } },
    byPath: { hearing: 'hear' },
    byParameters: { hear: ['rate', 'channels'] },
    otherwise: 'talk',
  },
  upstreamAuth: { in: 'subprotocol', values: ['token', '{key}'] },
  clientCredential: [],
  dialect: 'plain',
  refusal: 'close',
  limits: { maxMessageBytes: 1, handshakeMs: 1 },
};

const verdictOf = (search: string, path = '/proxy'): object => toTarget({ preset }, path, readQuery(search));
const serviceOf = (search: string, path?: string): unknown => {
  const verdict = verdictOf(search, path);
  return 'target' in verdict ? (verdict.target as { service: string }).service : verdict;
};

describe('toTarget chooses the endpoint', () => {
  it.each([
    { by: 'nothing', search: '', service: 'talk' },
    { by: 'the query', search: 'service=hearing', service: 'hear' },
    { by: 'the query in encoded form', search: 'serv%69ce=%68earing', service: 'hear' },
    { by: 'the first of two', search: 'service=talk&service=hearing', service: 'talk' },
    { by: 'the query against parameters', search: 'service=talk&rate=1', service: 'talk' },
    { by: 'an unknown value', search: 'service=hear', service: 'talk' },
    { by: 'an unknown value against parameters', search: 'service=x&rate=1', service: 'talk' },
    { by: 'a value in other case', search: 'service=HEARING', service: 'talk' },
    { by: 'an empty value', search: 'service=', service: 'talk' },
    { by: 'a value that objects have', search: 'service=constructor', service: 'talk' },
    { by: '__proto__', search: 'service=__proto__', service: 'talk' },
    { by: 'toString', search: 'service=toString&channels=1', service: 'talk' },
    { by: 'a parameter', search: 'channels=1', service: 'hear' },
    { by: 'a parameter without value', search: 'x=1&rate', service: 'hear' },
    { by: 'a parameter of other case', search: 'Rate=1', service: 'talk' },
  ])('by $by', ({ search, service }) => {
    expect(serviceOf(search)).toBe(service);
  });

  it('by the path, unless the query asks for another', () => {
    expect(serviceOf('', '/v1/hearing')).toBe('hear');
    expect(serviceOf('service=talk', '/v1/hearing')).toBe('talk');
    expect(serviceOf('', '/v1/Hearing')).toBe('talk');
  });
});

describe('toTarget writes the query', () => {
  it.each([
    { search: '', url: 'wss://up.test/talk' },
    { search: 'service=talk', url: 'wss://up.test/talk' },
    { search: 'service=talk&service=hearing', url: 'wss://up.test/talk' },
    { search: 'b=2&a=1', url: 'wss://up.test/talk?b=2&a=1' },
    { search: 'a=1&&a=2&a=1', url: 'wss://up.test/talk?a=1&a=2&a=1' },
    { search: 'k=%7Ey+z%20%c3%a9', url: 'wss://up.test/talk?k=%7Ey+z%20%c3%a9' },
    { search: 'a&b=&=c', url: 'wss://up.test/talk?a&b=&=c' },
    { search: 'a=%zz', url: 'wss://up.test/talk?a=%zz' },
    { search: '__proto__=1&constructor=2', url: 'wss://up.test/talk?__proto__=1&constructor=2' },
    { search: 'other=a%26x%3D1', url: 'wss://up.test/talk?other=a%26x%3D1' },
    { search: 'model=ab1&m%6fdel=%61b', url: 'wss://up.test/talk?model=ab1&m%6fdel=%61b' },
    { search: 'x=//evil.test&y=@evil.test', url: 'wss://up.test/talk?x=//evil.test&y=@evil.test' },
  ])('as it came: $search', ({ search, url }) => {
    expect(verdictOf(search)).toEqual({ target: { service: 'talk', url } });
  });

  it.each([
    { search: 'service=hearing', query: 'model=big%20one&rate=16000&tier=a%26b&mip=true' },
    { search: 'service=hearing&other=1', query: 'other=1&model=big%20one&rate=16000&tier=a%26b&mip=true' },
    { search: 'rate=8000', query: 'rate=8000&tier=a%26b&mip=true' },
    { search: 'service=hearing&model', query: 'model&tier=a%26b&mip=true' },
    { search: 'rate=1&tier=free&t%69er=free&tier', query: 'rate=1&tier=a%26b&mip=true' },
    { search: 'rate=1&mip=false', query: 'rate=1&tier=a%26b&mip=true' },
    { search: 'rate=1&toString=x', query: 'rate=1&toString=x&tier=a%26b&mip=true' },
  ])('with defaults and pinned parameters: $search', ({ search, query }) => {
    expect(verdictOf(search)).toEqual({ target: { service: 'hear', url: `wss://up.test/hear?${query}` } });
  });

  it.each([
    'callback=x',
    'Callback=x',
    'CALLBACK',
    'c%61llback=x',
    '%43%41%4C%4Cback',
    'a=1&callback=',
    'service=hearing&callback=x',
  ])('not with what is denied: %s', (search) => {
    expect(verdictOf(search)).toHaveProperty('denied');
  });

  it.each(['callbacks=1', 'my_callback=1', 'x=callback', 'call%2562ack=1'])(
    'with what only looks denied: %s',
    (search) => {
      expect(verdictOf(search)).toEqual({ target: { service: 'talk', url: `wss://up.test/talk?${search}` } });
    },
  );

  it.each([
    'model=',
    'model',
    'model=abcde',
    'model=a%26x',
    'model=a.b',
    'model=%0Aab',
    'model=ab%0A',
    'MODEL=abcde',
    'm%6fdel=abcde',
    'model=ab&model=abcde',
  ])('not with a value that its pattern does not allow: %s', (search) => {
    expect(verdictOf(search)).toEqual({ denied: expect.stringMatching(/^model$/i) });
  });

  it('with any value where the endpoint has no pattern for it', () => {
    expect(verdictOf('service=hearing&model=a.b/c')).toHaveProperty('target');
  });

  it('names what was denied as it was spelled, decoded', () => {
    expect(verdictOf('C%61llback=https://evil.test')).toEqual({ denied: 'Callback' });
  });
});
