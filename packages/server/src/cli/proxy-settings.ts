/** What of `voxproxy serve` concerns every route: who may connect, limits, and the compat profile. */
import { ConfigError, createVoiceProxy, SEED_RELAXATIONS } from '../index.ts';
import type { LimitOptions, VoiceProxyOptions } from '../index.ts';
import { choiceOf, listOf, named, numberOf, textOf, type Environment } from './environment.ts';
import { readLimits } from './limit-settings.ts';

const COMPAT_PROFILES = ['seed'] as const;

/** @throws ConfigError that names the variable. */
export function readProxyOptions(
  env: Environment,
  needed: Pick<VoiceProxyOptions, 'auth' | 'routes'>,
): VoiceProxyOptions {
  // What is wrong with these is not the fault of a variable that is read here.
  createVoiceProxy({ ...needed, logger: false });
  let options: VoiceProxyOptions = needed;
  /** One option more each time, so that an error has the name of its variable. */
  const add = (name: string, more: Partial<VoiceProxyOptions>): void => {
    if (textOf(env, name) === undefined) return;
    options = { ...options, ...more };
    named(name, () => createVoiceProxy({ ...options, logger: false }));
  };
  add('TRUSTED_PROXIES', { trustedProxies: numberOf(env, 'TRUSTED_PROXIES') });
  add('IP_ALLOW_LIST', { ipAllowList: listOf(env, 'IP_ALLOW_LIST') });
  add('ALLOWED_ORIGINS', { origins: listOf(env, 'ALLOWED_ORIGINS') });
  add('ALLOW_NO_ORIGIN', { allowNoOrigin: choiceOf(env, 'ALLOW_NO_ORIGIN') });
  add('END_AT_EXPIRY', { endAtExpiry: choiceOf(env, 'END_AT_EXPIRY') });
  add('SESSION_MODE', { sessionMode: choiceOf(env, 'SESSION_MODE') });
  add('ALLOW_PRIVATE_UPSTREAMS', { allowPrivateUpstreams: choiceOf(env, 'ALLOW_PRIVATE_UPSTREAMS') });
  add('COMPAT', { compat: readCompat(env) });
  if (choiceOf(env, 'BREAKER') === false) add('BREAKER', { breaker: false });
  let limits: LimitOptions = {};
  readLimits(env, (name, more) => {
    limits = { ...limits, ...more };
    add(name, { limits });
  });
  return options;
}

function readCompat(env: Environment): VoiceProxyOptions['compat'] {
  const text = textOf(env, 'COMPAT');
  const profile = COMPAT_PROFILES.find((known) => known === text);
  if (text === undefined || profile !== undefined) return profile;
  const problem = `is no compat profile; known are: ${COMPAT_PROFILES.join(', ')}. Leave it out for the safe default.`;
  throw new ConfigError('COMPAT', problem);
}

/** What the compat profile relaxes, one sentence each. */
export function compatNotes({ compat, routes }: VoiceProxyOptions): string[] {
  if (compat === undefined) return [];
  const presets = Object.values(routes).map((route) => ('preset' in route ? route.preset.id : undefined));
  const concerned = SEED_RELAXATIONS.filter((each) => each.presets.some((id) => presets.includes(id)));
  if (concerned.length === 0) return [`COMPAT=${compat}: concerns none of these routes; leave it out.`];
  return concerned.map(({ name, says }) => `COMPAT=${compat}, ${name}: ${says}`);
}
