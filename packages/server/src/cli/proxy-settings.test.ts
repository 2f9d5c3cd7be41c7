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
});
