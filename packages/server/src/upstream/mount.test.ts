import { describe, expect, it } from 'vitest';
import { createVoiceProxy, createRoute, definePreset, mount, none, websocket } from '../index.ts';
import { readQuery } from '../contract/index.ts';
import { deepgram } from './presets/deepgram.ts';
import type { Preset } from './preset.ts';
import { toTarget } from './target.ts';

const apiKey = 'k'.repeat(40);
const route = deepgram({ apiKey });

describe('mount()', () => {
  it.each([
    ['', ''],
    ['/deepgram', '/deepgram'],
    ['//voice.example.com', '//voice.example.com'],
    ['//voice.example.com/dg', '//voice.example.com/dg'],
  ])('puts the own paths of a provider behind %j', (prefix, before) => {
    const paths = ['/v1/agent/converse', '/v1/listen', '/v2/listen', '/v1/speak'];
    expect(Object.keys(mount(prefix, route))).toEqual(paths.map((path) => `${before}${path}`));
  });

  it('has each path stand for its endpoint, whatever a client asks for', () => {
    const mounted = mount('/dg', route);
    for (const [path, { endpoint }] of Object.entries(mounted)) {
      const verdict = toTarget(mounted[path] ?? route, path, readQuery('service=transcription'));
      expect(verdict).toMatchObject({ target: { service: endpoint } });
    }
  });

  it('makes entries that a proxy takes, beside others', () => {
    const routes = { ...mount('', route), ...mount('//dg.example.com', route), '/deepgram-proxy': route };
    const proxy = createVoiceProxy({ auth: none(), routes, logger: false, basePath: '/voice' });
    expect(proxy.sessions).toBe(0);
  });

  it.each(['deepgram', '/deepgram/', '/', '//', 'https://voice.example.com', '//a..b', '/a b', '/{voice}'])(
    'refuses the prefix %j',
    (prefix) => {
      expect(() => mount(prefix, route)).toThrow('mount().prefix: ');
    },
  );

  it('refuses a route whose preset has no paths of its own', () => {
    const plain = websocket({ url: 'wss://up.test/socket', apiKey });
    expect(() => mount('', plain)).toThrow('mount().route: ');
  });
});

describe('a variable in the path', () => {
  const preset: Preset = definePreset({
    ...route.preset,
    variables: { voice: { by: 'client' }, region: { by: 'operator' } },
    endpoints: {
      speak: {
        url: 'wss://{region}.up.test/speech/{voice}/stream',
        query: {},
        facts: { transport: 'ws', nativePaths: ['/speech/{voice}/stream'], usage: [] },
      },
    },
    choice: { otherwise: 'speak' },
  });
  const spoken = createRoute(preset, { apiKey, values: { region: 'eu' } });

  it('becomes part of the address', () => {
    const verdict = toTarget({ ...spoken, values: { voice: 'Alice_2.b' } }, '/', []);
    expect(verdict).toEqual({
      target: { service: 'speak', url: 'wss://eu.up.test/speech/Alice_2.b/stream' },
    });
  });

  it.each([
    '.',
    '..',
    '%2e%2e',
    'a%2fb',
    'a@b',
    'a:b',
    'a\r\nb',
    'x'.repeat(300),
    'a\u2024b',
    '\u2025',
    '{region}',
    'a?b',
    '',
    undefined,
  ])('is refused as %j', (voice) => {
    const values = voice === undefined ? undefined : { voice };
    expect(toTarget({ ...spoken, values }, '/', [])).toEqual({ denied: 'voice' });
  });

  it.each([undefined, '', '..', 'evil.test/', 'a@evil.test', 'a:1', 'x'.repeat(65), 'ü'])(
    'that is the operator’s is refused at start as %j',
    (region) => {
      expect(() => createRoute(preset, { apiKey, values: { region } })).toThrow(
        'createRoute().values.region: ',
      );
    },
  );

  it('does not let a client fill in what is the operator’s', () => {
    const open = { ...spoken, preset, values: { region: 'evil', voice: 'a' } };
    expect(toTarget(open, '/', [])).toEqual({ denied: 'region' });
  });
});
