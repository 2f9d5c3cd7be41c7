import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { createRoute } from './create-route.ts';
import { mount } from './mount.ts';
import { deepgram } from './presets/deepgram.ts';
import type { Route } from './route.ts';
import { toTarget } from './target.ts';
import { websocket } from './websocket.ts';
import { withFallback, type FallbackOptions } from './with-fallback.ts';

const ROUTE = deepgram({ apiKey: 'a-key-that-must-not-be-told' });
const SOCKET = websocket({ url: 'wss://one.test/v1', apiKey: 'a-key-that-must-not-be-told' });
const EU = 'wss://eu.test/v1/agent';

const targetOf = (route: Route, query = ''): unknown =>
  toTarget(
    route,
    '/p',
    [...new URLSearchParams(query)].map(([name, value]) => ({ name, value, raw: `${name}=${value}` })),
  );

/** A preset whose path the client fills in. */
function voiceRoute(): Route {
  const endpoint = ROUTE.preset.endpoints['speak'];
  if (!endpoint) throw new Error('no such endpoint');
  const preset = {
    ...ROUTE.preset,
    variables: { voice: { by: 'client' as const } },
    endpoints: { speak: { ...endpoint, url: 'wss://one.test/v1/{voice}' } },
    choice: { otherwise: 'speak' },
  };
  return createRoute(preset, { apiKey: 'a-key-that-must-not-be-told' });
}

describe('withFallback', () => {
  it('gives an endpoint further addresses with the same query, and the others none', () => {
    const route = withFallback(ROUTE, { urls: { agent: [EU, 'wss://us.test/x'] } });
    expect(targetOf(route, 'tag=1')).toEqual({
      target: {
        service: 'agent',
        url: `${ROUTE.preset.endpoints['agent']?.url}?tag=1`,
        others: [`${EU}?tag=1`, 'wss://us.test/x?tag=1'],
      },
    });
    expect(targetOf(route, 'service=transcription')).not.toHaveProperty('target.others');
  });

  it('takes a list alone where there is one endpoint', () => {
    const route = withFallback(SOCKET, { urls: [EU] });
    expect(targetOf(route)).toMatchObject({ target: { others: [EU] } });
  });

  it('holds on mounted paths', () => {
    const [route] = Object.values(mount('', withFallback(ROUTE, { urls: { agent: [EU] } })));
    expect(route && targetOf(route)).toMatchObject({ target: { others: [EU] } });
  });

  it("fills what a client's path says into each", () => {
    const route = withFallback(voiceRoute(), { urls: ['wss://two.test/v2/{voice}'] });
    expect(targetOf({ ...route, values: { voice: 'ann' } })).toMatchObject({
      target: { url: 'wss://one.test/v1/ann', others: ['wss://two.test/v2/ann'] },
    });
    expect(targetOf({ ...route, values: { voice: 'a/b' } })).toEqual({ denied: 'voice' });
  });

  it.each([
    [{}, 10_000, 20_000],
    [{ attemptMs: 3_000 }, 3_000, 6_000],
    [{ attemptMs: 60_000, totalMs: 120_000 }, 60_000, 120_000],
    [{ totalMs: 10_000 }, 10_000, 10_000],
  ])('has for %j an attempt last %i ms and all of them %i ms', (times, attemptMs, totalMs) => {
    const { preset, fallback } = withFallback(SOCKET, { urls: [EU], ...times });
    expect([preset.limits.handshakeMs, fallback?.totalMs]).toEqual([attemptMs, totalMs]);
  });

  it.each<[option: string, says: string, route: Route, options: unknown]>([
    ['urls', 'is empty', SOCKET, {}],
    ['urls', 'is empty', SOCKET, { urls: [] }],
    ['urls', 'for which endpoint', ROUTE, { urls: [EU] }],
    ['urls.agents', 'known are agent, listen', ROUTE, { urls: { agents: [EU] } }],
    ['urls.toString', 'known are agent, listen', ROUTE, { urls: { toString: [EU] } }],
    ['urls.agent', 'is not a list of 1 to 4', ROUTE, { urls: { agent: EU } }],
    ['urls.agent', 'is not a list of 1 to 4', ROUTE, { urls: { agent: [] } }],
    [
      'urls.socket',
      'is not a list of 1 to 4',
      SOCKET,
      { urls: [1, 2, 3, 4, 5].map((n) => `wss://${n}.test/`) },
    ],
    ['urls.socket.0', 'is not a text', SOCKET, { urls: [1] }],
    ['urls.socket.0', 'is not encrypted', SOCKET, { urls: ['ws://eu.test/v1'] }],
    ['urls.socket.0', 'a query', SOCKET, { urls: ['wss://eu.test/v1?a=1'] }],
    ['urls.socket.0', 'would be down with it', SOCKET, { urls: ['wss://one.test/v2'] }],
    ['urls.socket.1', 'would be down with it', SOCKET, { urls: [EU, 'wss://EU.test:443/v2'] }],
    ['urls.speak.0', 'variable in its host', voiceRoute(), { urls: ['wss://{voice}.test/v1'] }],
    ['urls.speak.0', 'has {other}', voiceRoute(), { urls: ['wss://two.test/{other}'] }],
    ['attemptMs', 'above 0 and at most 60000', SOCKET, { urls: [EU], attemptMs: 0 }],
    ['attemptMs', 'above 0 and at most 60000', SOCKET, { urls: [EU], attemptMs: Infinity }],
    ['totalMs', 'of at least 10000', SOCKET, { urls: [EU], totalMs: 9_999 }],
    ['totalMs', 'at most 120000', SOCKET, { urls: [EU], totalMs: 120_001 }],
  ])('refuses %s that %s', (option, says, route, options) => {
    const refused = (): unknown => withFallback(route, options as FallbackOptions);
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(`withFallback().${option}: `);
    expect(refused).toThrow(says);
  });
});
