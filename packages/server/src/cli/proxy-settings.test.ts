/** The settings of `voxproxy serve` that concern every route. */
import { describe, expect, it } from 'vitest';
import { readServeConfig } from './config.ts';

const READY = { AUTH: 'none', HOST: '127.0.0.1', DEEPGRAM_API_KEY: 'a-key-of-deepgram' };

describe('settings that concern every route', () => {
  it('takes COMPAT=seed and says what it relaxes', () => {
    const { proxy, notes } = readServeConfig({ ...READY, COMPAT: 'seed' });
    expect(proxy.compat).toBe('seed');
    expect(notes.filter((note) => note.startsWith('COMPAT=seed, '))).not.toEqual([]);
  });

  it('relaxes nothing without COMPAT', () => {
    const { proxy, notes } = readServeConfig(READY);
    expect(proxy.compat).toBeUndefined();
    expect(notes.filter((note) => note.startsWith('COMPAT'))).toEqual([]);
  });

  it('lists the known profiles for one that it does not know', () => {
    expect(() => readServeConfig({ ...READY, COMPAT: 'sead' })).toThrow(/COMPAT.*known are: seed/);
  });

  it('reads a limit under the name of its option', () => {
    const { proxy } = readServeConfig({ ...READY, LIMIT_STALL_TIMEOUT_MS: '5000' });
    expect(proxy.limits).toEqual({ stallTimeoutMs: 5000 });
  });

  it.each(['five', '-1', '1.5', '0'])('names the variable of the limit %s', (text) => {
    expect(() => readServeConfig({ ...READY, LIMIT_STALL_TIMEOUT_MS: text })).toThrow(
      /LIMIT_STALL_TIMEOUT_MS/,
    );
  });

  it('says that COMPAT concerns nobody where it does not', () => {
    const { DEEPGRAM_API_KEY: _, ...rest } = READY;
    const { notes } = readServeConfig({ ...rest, ASR_SOCKET_URL: 'wss://asr.test/', COMPAT: 'seed' });
    expect(notes).toContain('COMPAT=seed: concerns none of these routes; leave it out.');
  });

  it.each([
    ['ALLOW_NO_ORIGIN', 'false', { allowNoOrigin: false }],
    ['END_AT_EXPIRY', 'true', { endAtExpiry: true }],
    ['SESSION_MODE', 'false', { sessionMode: false }],
    ['ALLOW_PRIVATE_UPSTREAMS', 'true', { allowPrivateUpstreams: true }],
    ['BREAKER', 'false', { breaker: false }],
    ['LIMIT_IDLE_TIMEOUT_MS', 'Infinity', { limits: { idleTimeoutMs: Infinity } }],
  ])('reads %s', (name, text, options) => {
    expect(readServeConfig({ ...READY, [name]: text }).proxy).toMatchObject(options);
    expect(readServeConfig({ ...READY, [name]: '' }).proxy).not.toMatchObject(options);
    expect(() => readServeConfig({ ...READY, [name]: 'perhaps' })).toThrow(name);
  });

  it.each([
    ['DEEPGRAM_LISTEN_V2_URL', 'listenV2'],
    ['DEEPGRAM_SPEAK_URL', 'speak'],
  ])('reads %s', (name, endpoint) => {
    const route = (env: object): unknown =>
      readServeConfig({ ...READY, ...env }).proxy.routes['/deepgram-proxy'];
    const own = { preset: { endpoints: { [endpoint]: { url: 'wss://own.test/' } } } };
    expect(route({ [name]: 'wss://own.test/' })).toMatchObject(own);
    expect(route({ DEEPGRAM_MODELS: 'nova-3, nova-2' })).toMatchObject({
      listed: { model: ['nova-3', 'nova-2'] },
    });
    expect(() => route({ [name]: 'own.test' })).toThrow(name);
  });
});
