import { describe, expect, it } from 'vitest';
import { CLOSE_ROWS, type CloseName } from './contract/index.ts';
import { ConfigError, ProxyError } from './errors.ts';

describe('ProxyError', () => {
  it.each(Object.keys(CLOSE_ROWS) as CloseName[])('knows the word of %s', (name) => {
    expect(new ProxyError(name, 'x').code).toBe(CLOSE_ROWS[name].word);
  });

  it('keeps its cause and its wait, and has none when it was given none', () => {
    const cause = new Error('why');
    expect(new ProxyError('Internal', 'x', { cause, retryAfterMs: 5 })).toMatchObject({
      name: 'ProxyError',
      cause,
      retryAfterMs: 5,
    });
    const bare = new ProxyError('Internal', 'x');
    expect('cause' in bare).toBe(false);
    expect(bare.retryAfterMs).toBeUndefined();
  });
});

describe('ConfigError', () => {
  it('says in one line which option, and what is wrong with it', () => {
    expect(new ConfigError('jwt().secret', 'is missing.')).toMatchObject({
      name: 'ConfigError',
      option: 'jwt().secret',
      message: 'jwt().secret: is missing.',
    });
  });
});
