import { describe, expect, it } from 'vitest';
import { none } from '../auth/none.ts';
import { ConfigError } from '../errors.ts';
import { resolveOptions } from '../options.ts';
import { azureVoiceLive } from './presets/azure-voice-live.ts';
import { deepgram } from './presets/deepgram.ts';
import { openAiRealtime } from './presets/openai-realtime.ts';
import type { Route } from './route.ts';
import { websocket } from './websocket.ts';
import { withSpares, type SpareOptions } from './with-spares.ts';

const apiKey = 'a-key-that-must-not-be-told';
const SOCKET = websocket({ url: 'wss://one.test/v1', apiKey });
const DEEPGRAM = deepgram({ apiKey });
const OPENAI = openAiRealtime({ apiKey });

describe('withSpares', () => {
  it('keeps connections to the one endpoint that there is', () => {
    const { spares } = withSpares(SOCKET, { count: 2 });
    expect([...(spares ?? [])]).toEqual([
      ['socket', { url: 'wss://one.test/v1', count: 2, longestIdleMs: 5_000, keptForMs: 60_000 }],
    ]);
  });

  it('keeps them for a query, encoded as clients do it', () => {
    const { spares } = withSpares(DEEPGRAM, {
      endpoint: 'listen',
      count: 1,
      query: { model: 'nova-3', keyterm: 'a b' },
    });
    const url = spares?.get('listen')?.url ?? '';
    expect(url.slice(url.indexOf('?'))).toBe('?model=nova-3&keyterm=a%20b');
  });

  it('keeps them for several endpoints', () => {
    const listen = withSpares(DEEPGRAM, { endpoint: 'listen', count: 1, query: { model: 'nova-3' } });
    const both = withSpares(listen, { endpoint: 'agent', count: 3 });
    expect([...(both.spares ?? [])].map(([endpoint, { count }]) => [endpoint, count])).toEqual([
      ['listen', 1],
      ['agent', 3],
    ]);
  });

  it('ends them before the provider would, counting the time to the first keepalive of the session', () => {
    const { facts } = DEEPGRAM.preset.endpoints['agent'] ?? {};
    const leftMs = (facts?.keepalive?.upstreamIdleMs ?? 0) - (facts?.keepalive?.everyMs ?? 0);
    expect(leftMs).toBeGreaterThan(0);
    const idleOf = (options: Partial<SpareOptions>): unknown =>
      withSpares(DEEPGRAM, { endpoint: 'agent', count: 1, ...options }).spares?.get('agent')?.longestIdleMs;
    expect([idleOf({}), idleOf({ longestIdleMs: leftMs })]).toEqual([leftMs, leftMs]);
    expect(() => idleOf({ longestIdleMs: leftMs + 1 })).toThrow(`at most ${leftMs}`);
  });

  it.each<[option: string, says: string, route: Route, options: object]>([
    ['endpoint', 'agent, listen', DEEPGRAM, { count: 1 }],
    ['endpoint', 'agent, listen', DEEPGRAM, { endpoint: 'agents', count: 1 }],
    ['count', 'from 1 to 20', SOCKET, {}],
    ['count', 'from 1 to 20', SOCKET, { count: 0 }],
    ['count', 'from 1 to 20', SOCKET, { count: 21 }],
    ['count', 'from 1 to 20', SOCKET, { count: 1.5 }],
    ['longestIdleMs', 'above 0 and at most 60000', SOCKET, { count: 1, longestIdleMs: 0 }],
    ['longestIdleMs', 'above 0 and at most 60000', SOCKET, { count: 1, longestIdleMs: NaN }],
    ['keptForMs', 'above 0 and at most 3600000', SOCKET, { count: 1, keptForMs: Infinity }],
    ['query', 'lacks model', OPENAI, { count: 1 }],
    ['query', 'callback may not be so', DEEPGRAM, { endpoint: 'listen', count: 1, query: { callback: 'x' } }],
    [
      'endpoint',
      'own tokens go to the provider',
      azureVoiceLive({ resource: 'my-resource', passUserTokens: true }),
      { endpoint: 'agent', count: 1 },
    ],
  ])('refuses %s: %s', (option, says, route, options) => {
    const refused = (): unknown => withSpares(route, options as SpareOptions);
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(`withSpares().${option}: `);
    expect(refused).toThrow(says);
  });

  it('does not go with legs of messages', () => {
    const routes = { '/plain': SOCKET, '/kept': withSpares(SOCKET, { count: 1 }) };
    const resolve = (): unknown => resolveOptions({ auth: none(), legs: 'messages', routes });
    expect(resolve).toThrow(
      "legs: cannot be 'messages' with /kept, which keeps spare connections. Leave it out, or withSpares().",
    );
  });
});
