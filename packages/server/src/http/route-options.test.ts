import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { claude } from './claude.ts';
import type { ClaudeOptions } from './claude-options.ts';
import { asrUpload } from './upload.ts';
import type { AsrUploadOptions } from './upload-options.ts';

const KEY = 'a-key-that-must-not-be-told';
const asking = { apiKey: KEY, model: 'claude-test-1' };

const wrongNumbers = [-1, NaN, Infinity, '5', {}];

describe('claude()', () => {
  it('makes the three routes of the old system, which share one count', () => {
    const routes = claude(asking);
    expect(Object.keys(routes)).toEqual(['/api/query', '/api/analytics-query', '/api/rate-limit-status']);
    expect(new Set(Object.values(routes).map(({ rate }) => rate)).size).toBe(1);
    expect(Object.values(routes).map(({ isCounted }) => isCounted)).toEqual([true, true, false]);
  });

  it.each([
    [{ apiKey: undefined }, 'claude().apiKey', 'is missing'],
    [{ apiKey: ' ' }, 'claude().apiKey', 'is missing'],
    [{ apiKey: `${KEY}\nX: y` }, 'claude().apiKey', 'Copy the key again'],
    [{ model: undefined }, 'claude().model', 'is missing'],
    [{ model: 'a b' }, 'claude().model', 'spelling'],
    [{ modelAliases: { old: '' } }, 'claude().modelAliases.old', 'is missing'],
    [{ baseUrl: 'http://api.test' }, 'claude().baseUrl', 'not encrypted'],
    [{ baseUrl: `https://${KEY}@api.test` }, 'claude().baseUrl', 'must not hold'],
    [{ apiVersion: 'latest' }, 'claude().apiVersion', 'Write it like'],
  ])('refuses %j by name, and tells no key', (more, option, says) => {
    const make = (): unknown => claude({ ...asking, ...more } as ClaudeOptions);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(`${option}: `);
    expect(make).toThrow(says);
    expect(make).not.toThrow(KEY);
  });

  it.each([
    'maxTokens',
    'temperature',
    'maxTemperature',
    'requestsPerWindow',
    'windowMs',
    'timeoutMs',
    'maxBodyBytes',
  ])('refuses every wrong %s', (name) => {
    for (const value of wrongNumbers)
      expect(() => claude({ ...asking, [name]: value } as ClaudeOptions)).toThrow(
        `claude().${name}: is not a number`,
      );
  });
});

describe('asrUpload()', () => {
  const url = 'https://asr.test/private';
  it.each([
    [{ url: undefined }, 'asrUpload().url'],
    [{ url: 'http://asr.test/private' }, 'asrUpload().url'],
    [{ url, apiKey: 'two words' }, 'asrUpload().apiKey'],
    [{ url, maxFileBytes: 0 }, 'asrUpload().maxFileBytes'],
    [{ url, timeoutMs: NaN }, 'asrUpload().timeoutMs'],
  ])('refuses %j by name, and tells no address', (options, option) => {
    const make = (): unknown => asrUpload(options as AsrUploadOptions);
    expect(make).toThrow(`${option}: `);
    expect(make).not.toThrow('private');
  });
});
