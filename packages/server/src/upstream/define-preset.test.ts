import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { definePreset } from './define-preset.ts';
import type { Endpoint, Preset } from './preset.ts';
import { PRESETS } from './presets/index.ts';

const endpoint: Endpoint = {
  url: 'wss://{region}.up.test/talk/{voice}',
  query: { pin: { tier: 'a' }, allow: { model: '[a-z]+' }, deny: ['callback'] },
  headers: { 'X-Version': '1' },
  facts: { transport: 'ws', nativePaths: ['/talk/{voice}'], usage: [] },
};

const sound: Preset = {
  id: 'made-up',
  title: 'Made up',
  grade: 'own',
  endpoints: { talk: endpoint },
  choice: { otherwise: 'talk' },
  variables: {
    region: { by: 'operator', values: { eu: 'api.eu', us: 'api' }, default: 'us' },
    voice: { by: 'client' },
  },
  upstreamAuth: { in: 'header', name: 'authorization', format: 'Bearer {key}' },
  clientCredential: [
    { in: 'query', name: 'api_key', format: '{key}' },
    { in: 'subprotocol', values: ['bearer.{key}'] },
    { in: 'message', path: 'auth.api_key', when: 'first' },
  ],
  subprotocol: { offer: ['talk'], echo: { literal: 'talk' } },
  dialect: 'plain',
  refusal: 'close',
  closeCodes: { authFailed: 4401 },
  limits: { maxMessageBytes: 1, handshakeMs: 1 },
};

const withEndpoint = (change: object): object => ({ endpoints: { talk: { ...endpoint, ...change } } });
const withFacts = (change: object): object => withEndpoint({ facts: { ...endpoint.facts, ...change } });

describe('definePreset()', () => {
  it('returns what makes sense unchanged', () => {
    expect(definePreset(sound)).toBe(sound);
  });

  it.each(PRESETS.map((preset) => [preset.id, preset] as const))('takes %s, which ships', (_, preset) => {
    expect(definePreset(preset)).toBe(preset);
  });

  it.each([
    ['id', { id: 'Made up' }],
    ['title', { title: ' ' }],
    ['grade', { grade: 'best' }],
    ['endpoints', { endpoints: {} }],
    ['endpoints.talk.url', withEndpoint({ url: 'wss://{voice}.up.test/talk' })],
    ['endpoints.talk.url', withEndpoint({ url: 'wss://up.test:{voice}/talk' })],
    ['endpoints.talk.url', withEndpoint({ url: 'wss://{unknown}.up.test/talk' })],
    ['endpoints.talk.url', withEndpoint({ url: 'wss://up.test/{un known}' })],
    ['endpoints.talk.url', withEndpoint({ url: 'ws://up.test/talk' })],
    ['endpoints.talk.url', withEndpoint({ url: 'wss://up.test/talk?a=1' })],
    ['endpoints.talk.url', withEndpoint({ url: 'wss://user@up.test/talk' })],
    ['endpoints.talk.url', withEndpoint({ url: undefined })],
    ['endpoints.talk.query', withEndpoint({ query: undefined })],
    ['endpoints.talk.query.allow.model', withEndpoint({ query: { allow: { model: '(' } } })],
    ['endpoints.talk.query.rename.a', withEndpoint({ query: { rename: { a: '' } } })],
    ['endpoints.talk.query.deny', withEndpoint({ query: { deny: ['a'], pin: { a: '1' } } })],
    ['endpoints.talk.query.deny', withEndpoint({ query: { deny: ['a'], only: ['a'] } })],
    ['endpoints.talk.headers.Host', withEndpoint({ headers: { Host: 'evil.test' } })],
    ['endpoints.talk.headers.a', withEndpoint({ headers: { a: 'x\r\nb: c' } })],
    ['endpoints.talk.headers.Sec-WebSocket-Key', withEndpoint({ headers: { 'Sec-WebSocket-Key': 'k' } })],
    ['endpoints.talk.facts', withEndpoint({ facts: undefined })],
    ['endpoints.talk.facts.nativePaths', withFacts({ nativePaths: ['talk'] })],
    ['endpoints.talk.facts.nativePaths', withFacts({ nativePaths: ['/talk/../x y'] })],
    ['endpoints.talk.facts.nativePaths', withFacts({ nativePaths: ['/talk/{region}'] })],
    ['endpoints.talk.facts.keepalive.everyMs', withFacts({ keepalive: { upstreamIdleMs: 5, everyMs: 5 } })],
    ['choice.otherwise', { choice: { otherwise: 'hear' } }],
    ['choice.byPath', { choice: { otherwise: 'talk', byPath: { x: 'constructor' } } }],
    ['variables.region.by', { variables: { region: { by: 'anybody' } } }],
    ['variables.region', { variables: { region: { by: 'operator', default: '..' } } }],
    ['variables.region.values', { variables: { region: { by: 'operator', values: { a: 'evil.test/' } } } }],
    [
      'variables.region.default',
      { variables: { region: { by: 'operator', values: { a: 'a' }, default: 'b' } } },
    ],
    ['upstreamAuth', { upstreamAuth: { in: 'message', path: 'key', when: 'first' } }],
    ['upstreamAuth', { upstreamAuth: { in: 'header', name: 'authorization', format: 'Bearer' } }],
    ['upstreamAuth', { upstreamAuth: { in: 'header', name: 'Authorization', format: '{key}' } }],
    ['clientCredential.0', { clientCredential: [{ in: 'query', name: '', format: '{key}' }] }],
    ['clientCredential.0', { clientCredential: [{ in: 'subprotocol', values: ['{key}', '{key}'] }] }],
    ['clientCredential.0', { clientCredential: [{ in: 'subprotocol', values: ['a b', '{key}'] }] }],
    ['clientCredential.0', { clientCredential: [{ in: 'message', path: 'a..b', when: 'first' }] }],
    ['clientCredential.0', { clientCredential: [{ in: 'message', path: '__proto__.k', when: 'first' }] }],
    ['clientCredential.0', { clientCredential: [{ in: 'cookie' }] }],
    ['subprotocol.offer', { subprotocol: { offer: ['a,b'] } }],
    ['subprotocol.echo', { subprotocol: { echo: 'last' } }],
    ['closeCodes.quota', { closeCodes: { quota: 1006 } }],
    ['refusal', { refusal: 'shout' }],
    ['limits.handshakeMs', { limits: { maxMessageBytes: 1, handshakeMs: 0 } }],
  ])('refuses a preset by the name of its field, %s', (field, change) => {
    const define = (): unknown => definePreset({ ...sound, ...change } as Preset);
    expect(define).toThrow(ConfigError);
    expect(define).toThrow(`definePreset().${field}: `);
  });
});
