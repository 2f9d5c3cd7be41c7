import { describe, expect, it } from 'vitest';
import { isSubprotocol, readQuery } from '../../contract/index.ts';
import { ConfigError } from '../../errors.ts';
import { toTarget } from '../target.ts';
import { deepgram } from './deepgram.ts';

const apiKey = '0123456789abcdef0123456789abcdef01234567';
const AGENT = 'wss://agent.deepgram.com/v1/agent/converse';
const LISTEN = 'wss://api.deepgram.com/v1/listen';
const DEFAULTS =
  'model=nova-3&encoding=linear16&sample_rate=16000&channels=1&interim_results=true&smart_format=true';

const targetOf = (search: string, path = '/deepgram-proxy'): object =>
  toTarget(deepgram({ apiKey }), path, readQuery(search));

describe('deepgram()', () => {
  it.each([
    { search: '', path: '/deepgram-proxy' },
    { search: 'service=agent', path: '/deepgram-proxy' },
    { search: 'service=agent&encoding=linear16', path: '/deepgram-proxy' },
    { search: 'service=openai', path: '/deepgram-proxy' },
    { search: 'service=agent', path: '/deepgram-transcription' },
    { search: 'service=agent', path: '/v1/listen' },
    { search: '', path: '/my-listen' },
    { search: 'model=nova-3', path: '/deepgram-proxy' },
  ])('dials the agent for $path?$search', ({ search, path }) => {
    expect(targetOf(search, path)).toMatchObject({ target: { service: 'agent' } });
  });

  it.each([
    { search: 'service=transcription', path: '/deepgram-proxy', query: DEFAULTS },
    { search: 'service=transcription&keyterm=x', path: '/deepgram-proxy', query: `keyterm=x&${DEFAULTS}` },
    { search: '', path: '/deepgram-transcription', query: DEFAULTS },
    {
      search: 'encoding=linear16&sample_rate=16000',
      path: '/p',
      query: 'encoding=linear16&sample_rate=16000',
    },
    { search: '', path: '/v1/listen', query: DEFAULTS },
    { search: '', path: '/voice/listen', query: DEFAULTS },
    { search: 'service=transcription&model=nova-2', path: '/p', query: 'model=nova-2' },
    { search: 'channels=2&tag=a&tag=b', path: '/p', query: 'channels=2&tag=a&tag=b' },
  ])('dials transcription for $path?$search', ({ search, path, query }) => {
    expect(targetOf(search, path)).toEqual({ target: { service: 'listen', url: `${LISTEN}?${query}` } });
  });

  it('passes what the component sends in the order in which it sends it', () => {
    const sent =
      'model=nova-2&language=en-US&smart_format=true&interim_results=true&vad_events=true' +
      '&utterance_end_ms=1000&sample_rate=16000&encoding=linear16&channels=1';
    expect(targetOf(`${sent}&service=transcription`)).toEqual({
      target: { service: 'listen', url: `${LISTEN}?${sent}` },
    });
  });

  it.each([
    'callback=x',
    'CallBack=x',
    'callback%5Fmethod=put',
    'encoding=linear16&c%61llback=https%3A%2F%2Fevil.test',
  ])('does not let a page have results sent elsewhere: %s', (search) => {
    expect(targetOf(search)).toHaveProperty('denied');
  });

  it.each([
    '../../x',
    'a@b',
    'a b',
    '%2f',
    'a%2fb',
    '%252f',
    'a/b',
    'https://evil.test',
    'x'.repeat(65),
    '',
    '%0A',
    'nova%0A',
    'n%C3%B6va',
  ])('refuses the model %j on both endpoints', (model) => {
    for (const service of ['agent', 'transcription']) {
      expect(targetOf(`service=${service}&model=${model}`)).toEqual({ denied: 'model' });
      expect(targetOf(`service=${service}&Mod%65l=${model}`)).toEqual({ denied: 'Model' });
      expect(targetOf(`service=${service}&model=nova-3&model=${model}`)).toEqual({ denied: 'model' });
    }
  });

  it.each(['nova-3', 'nova-2-medical', 'nova_3.1', 'enhanced', `nova${'x'.repeat(60)}`, '%6eova-3'])(
    'passes the model %j',
    (model) => {
      expect(targetOf(`service=transcription&model=${model}`)).toEqual({
        target: { service: 'listen', url: `${LISTEN}?model=${model}` },
      });
    },
  );

  it.each(['own-model', 'Nova-3', 'gpt-realtime', 'x'.repeat(64), '..', 'flux-general-en'])(
    'does not transcribe with the model %j, unless the route lists it',
    (model) => {
      const search = readQuery(`service=transcription&model=${model}`);
      expect(toTarget(deepgram({ apiKey }), '/p', search)).toEqual({ denied: 'model' });
      const route = deepgram({ apiKey, models: ['*'] });
      expect(toTarget(route, '/p', search)).toHaveProperty('target');
    },
  );

  it('dials what the operator names instead', () => {
    const { preset } = deepgram({
      apiKey,
      agentUrl: 'ws://127.0.0.1:9/agent',
      listenUrl: 'wss://own.test/listen',
    });
    expect(preset.endpoints['agent']?.url).toBe('ws://127.0.0.1:9/agent');
    expect(preset.endpoints['listen']?.url).toBe('wss://own.test/listen');
    expect(deepgram({ apiKey }).preset.endpoints['agent']?.url).toBe(AGENT);
  });

  it('trims the key, and shows it nowhere', () => {
    const route = deepgram({ apiKey: ` ${apiKey}\n` });
    expect(route.keys.candidates()[0]?.reveal()).toBe(apiKey);
    expect(JSON.stringify(route)).not.toContain(apiKey);
  });
});

describe('deepgram() with message hooks', () => {
  it('keeps them for the session, and none where none are given', () => {
    const messages = { up: (message: string) => ({ forward: message }), onlyFromClient: 'text' as const };
    expect(deepgram({ apiKey, messages }).messages).toBe(messages);
    expect(deepgram({ apiKey }).messages).toBeUndefined();
  });

  it('refuses those that cannot work, naming them', () => {
    expect(() => deepgram({ apiKey, messages: { maxBytes: 0 } })).toThrow(
      /^deepgram\(\)\.messages\.maxBytes: /,
    );
  });
});

describe('deepgram() refuses to start with', () => {
  it.each([
    undefined,
    '',
    '  ',
    'has space',
    'a,b',
    '"quoted"',
    'a/b',
    'key=',
    "Bearer 'x'",
    'k\u00e9y',
    'a\nb',
    'a\u0000b',
    '{key}',
  ])('the key %j, and does not repeat it', (wrong) => {
    expect(() => deepgram({ apiKey: wrong })).toThrow(ConfigError);
    expect(() => deepgram({ apiKey: wrong })).toThrow(/^deepgram\(\)\.apiKey: (is missing|has a character)/);
    const key = wrong?.trim() ?? '';
    if (key.length > 3) expect(() => deepgram({ apiKey: key })).not.toThrow(key);
  });

  it('no key that could travel', () => {
    for (const key of ["!#$%&'*+-.^_`|~", apiKey])
      expect(deepgram({ apiKey: key }).keys.candidates()[0]?.reveal()).toBe(key);
    expect(isSubprotocol(apiKey)).toBe(true);
  });

  it.each([
    { more: { agentUrl: 'ws://agent.deepgram.com' }, at: 'deepgram().agentUrl' },
    { more: { listenUrl: 'https://api.deepgram.com' }, at: 'deepgram().listenUrl' },
    { more: { listenUrl: '' }, at: 'deepgram().listenUrl' },
  ])('$more', ({ more, at }) => {
    expect(() => deepgram({ apiKey, ...more })).toThrow(`${at}: `);
  });
});
