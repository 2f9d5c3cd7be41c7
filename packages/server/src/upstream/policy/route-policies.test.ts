import { describe, expect, it } from 'vitest';
import { createVoiceProxy, none } from '../../index.ts';
import { police } from '../../../test/support/policed.ts';
import { deepgram } from '../presets/deepgram.ts';
import { DEEPGRAM_POLICY } from './defaults-deepgram.ts';
import { OPENAI_REALTIME_POLICY } from './defaults-openai-realtime.ts';
import { compileRoutePolicies } from './route-policies.ts';
import { relaxPolicy, SEED_RELAXATIONS } from './seed-compat.ts';
import { withoutPolicy, withPolicy } from './with-policy.ts';

const plain = deepgram({ apiKey: 'key-of-the-test' });

const relaxed = relaxPolicy(DEEPGRAM_POLICY, SEED_RELAXATIONS);
const settings = {
  type: 'Settings',
  agent: {
    think: { endpoint: { url: 'https://llm.test' }, functions: [{ name: 'f', endpoint: { url: 'x' } }] },
  },
};

describe('the compat profile seed', () => {
  it('lets clients of the old component choose endpoints, which is refused without it', () => {
    expect(police(DEEPGRAM_POLICY).sent(settings)).toBeUndefined();
    expect(police(relaxed).sent(settings)).toEqual(settings);
  });

  it('relaxes only what stands on its list', () => {
    expect(police(relaxed).sent({ type: 'Settings', agent: { speak: { endpoint: {} } } })).toBeUndefined();
    expect(police(relaxed).sent({ type: 'SettingsConfiguration' })).toBeUndefined();
    expect(relaxPolicy(OPENAI_REALTIME_POLICY, [])).toBe(OPENAI_REALTIME_POLICY);
  });

  it('names nothing that the policy does not deny', () => {
    const denied = (DEEPGRAM_POLICY.rules ?? []).flatMap(({ deny = [] }) => deny);
    for (const path of SEED_RELAXATIONS.flatMap(({ allows }) => allows)) expect(denied).toContain(path);
  });

  it('is written to the log at start, and nothing is without it', () => {
    const lines: unknown[] = [];
    const note = (line: unknown): void => void lines.push(line);
    const logger = { info: note, warn: note, error: note };
    const options = { auth: none(), routes: { '/agent': withPolicy(plain, DEEPGRAM_POLICY) }, logger };
    createVoiceProxy(options);
    expect(lines).toEqual([]);
    createVoiceProxy({ ...options, compat: 'seed' });
    expect(lines).toEqual(SEED_RELAXATIONS.map(({ name, says }) => ({ name, says, routes: ['/agent'] })));
  });

  it('is refused under another name', () => {
    const compat = 'seeds' as 'seed';
    expect(() => createVoiceProxy({ auth: none(), routes: { '/a': plain }, compat })).toThrow(
      /compat: is not 'seed'/,
    );
  });
});

describe('the policies of routes', () => {
  const compile = (one: typeof plain): number =>
    compileRoutePolicies(new Map([['/a', one]]), undefined).policies.size;

  it('come from the route, else from its preset, else there is none', () => {
    const [own] = compileRoutePolicies(new Map([['/a', plain]]), undefined).policies.values();
    expect(own?.policy).toBe(DEEPGRAM_POLICY);
    expect(compile(withPolicy(plain, {}))).toBe(1);
    expect(compile(withoutPolicy(plain))).toBe(0);
    expect(compile(withoutPolicy(withPolicy(plain, {})))).toBe(0);
  });

  it('are checked at start, by the path of the route', () => {
    const broken = { ...plain, policy: { types: 'Settings' as unknown as string[] } };
    expect(() => compile(broken)).toThrow('routes./a.policy.types: is not a list.');
  });
});
