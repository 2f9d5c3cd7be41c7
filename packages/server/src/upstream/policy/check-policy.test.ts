import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../errors.ts';
import { deepgram } from '../presets/deepgram.ts';
import { Secret } from '../secret.ts';
import type { MessagePolicy } from './policy.ts';
import { withPolicy } from './with-policy.ts';

const route = deepgram({ apiKey: 'key-of-the-test' });

function errorOf(policy: unknown): ConfigError {
  try {
    withPolicy(route, policy as MessagePolicy);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const rule = (one: object): object => ({ rules: [{ types: ['x'], ...one }] });

describe('withPolicy', () => {
  it('gives a route its policy and changes nothing else', () => {
    const policy: MessagePolicy = { types: ['Settings'] };
    expect(withPolicy(route, policy)).toEqual({ ...route, policy });
    expect(route.policy).toBeUndefined();
  });

  it.each<[title: string, policy: unknown, option: string, says: string]>([
    ['no object', null, '', 'is not an object'],
    ['a list', [], '', 'is not an object'],
    ['a misspelt option', { type: ['x'] }, '.type', 'known are typeMember'],
    ['types that are no list', { types: 'x' }, '.types', 'is not a list'],
    ['a type that is no text', { types: ['x', 5] }, '.types[1]', 'is not a text'],
    ['another reaction', { onBreach: 'drop' }, '.onBreach', "neither 'tell' nor 'close'"],
    ['a rule without types', { rules: [{ deny: ['a'] }] }, '.rules[0].types', 'is missing'],
    ['a misspelt rule', rule({ forbid: ['a'] }), '.rules[0].forbid', 'known are types, deny'],
    ['a bad path', rule({ deny: ['a..b'] }), '.rules[0].deny[0]', 'Write it like'],
    [
      'a path to a prototype',
      rule({ pin: { '__proto__x.__proto__': 1 } }),
      '.rules[0].pin["__proto__x.__proto__"]',
      'without wildcards',
    ],
    ['a pin with wildcards', rule({ pin: { 'a[*].b': 1 } }), '.rules[0].pin["a[*].b"]', 'pin the whole list'],
    ['a secret that is pinned', rule({ pin: { a: new Secret('s') } }), '.rules[0].pin["a"]', 'below inject'],
    ['a pinned function', rule({ pin: { a: () => 1 } }), '.rules[0].pin["a"]', 'is not JSON'],
    ['a value that is a list', rule({ values: { a: [['x']] } }), '.rules[0].values["a"][0]', 'is not a text'],
    [
      'nothing injected',
      rule({ inject: { a: undefined } }),
      '.rules[0].inject["a"]',
      'neither JSON nor a Secret',
    ],
    ['a lock without a field', { locked: { promt: 'x' } }, '.locked.promt', 'is not a field of this policy'],
    ['a lock with NaN', { fields: {}, locked: { a: NaN } }, '.locked["a"]', 'neither JSON nor a Secret'],
    [
      'a field with wildcards that is always written',
      { fields: { a: { sent: [{ types: ['x'], path: 'a.*', always: true }] } } },
      '.fields.a.sent[0].path',
      'without wildcards',
    ],
    ['tools of the client without calls', { clientTools: ['x'] }, '.toolCalls', 'is missing'],
    ['a model without names', { model: { places: [] } }, '.model', 'neither names nor query'],
  ])('refuses %s, naming the option and what to do', (_, policy, option, says) => {
    const error = errorOf(policy);
    expect(error.option).toBe(`withPolicy().policy${option}`);
    expect(error.message).toContain(says);
  });
});
