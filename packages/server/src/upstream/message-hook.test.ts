import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { DEFAULT_HOOK_BYTES, checkMessageRules, type MessageRules } from './message-hook.ts';

const pass = (message: string): { forward: string } => ({ forward: message });

const check = (rules: unknown): MessageRules | undefined =>
  checkMessageRules('preset().messages', rules as MessageRules | undefined);

function errorOf(rules: unknown): ConfigError {
  try {
    check(rules);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('checkMessageRules', () => {
  it.each<{ title: string; rules: MessageRules | undefined }>([
    { title: 'none', rules: undefined },
    { title: 'empty ones', rules: {} },
    { title: 'a hook each way', rules: { up: pass, down: pass } },
    { title: 'a slow hook', rules: { up: (message) => Promise.resolve({ forward: message }) } },
    { title: 'undefined for left out', rules: { up: undefined, down: undefined, maxBytes: undefined } },
    { title: 'the least length', rules: { maxBytes: 1 } },
    { title: 'the default length', rules: { maxBytes: DEFAULT_HOOK_BYTES } },
    { title: 'the greatest length', rules: { maxBytes: 67_108_864 } },
    { title: 'text only', rules: { onlyFromClient: 'text' } },
    { title: 'binary only', rules: { onlyFromClient: 'binary' } },
  ])('returns the rules unchanged: $title', ({ rules }) => {
    expect(check(rules)).toBe(rules);
  });

  it.each([
    { title: 'a hook that is a text', rules: { up: 'pass' }, option: 'up', says: 'Write it like' },
    { title: 'a hook that is null', rules: { down: null }, option: 'down', says: 'Write it like' },
    { title: 'a hook that is an object', rules: { down: {} }, option: 'down', says: 'Write it like' },
    { title: 'no bytes', rules: { maxBytes: 0 }, option: 'maxBytes', says: 'above 0' },
    { title: 'fewer than no bytes', rules: { maxBytes: -1 }, option: 'maxBytes', says: 'above 0' },
    { title: 'NaN bytes', rules: { maxBytes: NaN }, option: 'maxBytes', says: 'above 0' },
    { title: 'a byte too many', rules: { maxBytes: 67_108_865 }, option: 'maxBytes', says: '67108864' },
    { title: 'bytes without end', rules: { maxBytes: Infinity }, option: 'maxBytes', says: '67108864' },
    { title: 'bytes as a text', rules: { maxBytes: '5' }, option: 'maxBytes', says: 'not a number' },
    { title: 'bytes that are null', rules: { maxBytes: null }, option: 'maxBytes', says: 'not a number' },
    { title: 'a list as bytes', rules: { maxBytes: [5] }, option: 'maxBytes', says: 'not a number' },
    { title: 'another kind', rules: { onlyFromClient: 'json' }, option: 'onlyFromClient', says: 'neither' },
    { title: 'null as kind', rules: { onlyFromClient: null }, option: 'onlyFromClient', says: 'neither' },
    { title: 'a flag as kind', rules: { onlyFromClient: true }, option: 'onlyFromClient', says: 'neither' },
  ])('refuses $title, naming the option and what to do', ({ rules, option, says }) => {
    const error = errorOf(rules);
    expect(error.option).toBe(`preset().messages.${option}`);
    expect(error.message).toContain(says);
  });

  it.each([
    ['null', null],
    ['a number', 5],
    ['a text', 'text'],
    ['a flag', true],
    ['a hook', pass],
    ['a list', [pass]],
  ])('refuses %s in place of rules', (_, rules) => {
    expect(errorOf(rules).option).toBe('preset().messages');
  });

  it('refuses a rule that does not exist, since a misspelt hook would let everything pass', () => {
    expect(errorOf({ upp: pass }).option).toBe('preset().messages.upp');
  });
});
