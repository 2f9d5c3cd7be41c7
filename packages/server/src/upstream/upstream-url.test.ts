import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { checkUpstreamUrl } from './upstream-url.ts';

describe('checkUpstreamUrl', () => {
  it.each([
    'wss://api.example.com',
    'wss://api.example.com:8443/v1/path',
    'wss://10.0.0.1/v1',
    'ws://localhost:8080/v1',
    'ws://127.0.0.1:8080',
    'ws://127.255.0.1',
    'ws://127.1:80/x',
    'ws://[::1]:8080/x',
    'WSS://API.example.com/v1',
  ])('takes %s as it is', (url) => {
    expect(checkUpstreamUrl('x().url', url)).toBe(url);
  });

  it.each([
    { url: '', problem: 'is not a URL' },
    { url: 'api.example.com', problem: 'is not a URL' },
    { url: '//api.example.com', problem: 'is not a URL' },
    { url: 'wss://', problem: 'is not a URL' },
    { url: 'wss://a b', problem: 'has white space' },
    { url: 'wss://api.example.com:99999', problem: 'is not a URL' },
    { url: 'https://api.example.com', problem: 'starts with https:' },
    { url: 'localhost:8080', problem: 'starts with localhost:' },
    { url: 'javascript:alert(1)', problem: 'starts with javascript:' },
    { url: 'ws://api.example.com', problem: 'is not encrypted' },
    { url: 'ws://10.0.0.1', problem: 'is not encrypted' },
    { url: 'ws://169.254.169.254', problem: 'is not encrypted' },
    { url: 'ws://0.0.0.0', problem: 'is not encrypted' },
    { url: 'ws://127.0.0.1.evil.test', problem: 'is not encrypted' },
    { url: 'ws://localhost.evil.test', problem: 'is not encrypted' },
    { url: 'ws://127.evil.test', problem: 'is not encrypted' },
    { url: 'ws://[::2]', problem: 'is not encrypted' },
    { url: 'ws://127.0.0.1@evil.test', problem: 'is not encrypted' },
    { url: 'wss://user@api.example.com', problem: 'must not hold' },
    { url: 'wss://:key-in-url@api.example.com', problem: 'must not hold' },
    { url: 'wss://api.example.com/?key=key-in-url', problem: 'must not hold' },
    { url: 'wss://api.example.com/#key-in-url', problem: 'must not hold' },
    { url: 'wss://api.example.com/v1?', problem: 'must not hold' },
    { url: 'wss://api.example.com/v1#', problem: 'must not hold' },
    { url: 'wss://api.example.com/v1 ', problem: 'has white space' },
    { url: ' wss://api.example.com/v1', problem: 'has white space' },
    { url: 'wss://api.exam\nple.com/v1', problem: 'has white space' },
  ])('refuses $url, naming the option and not the text', ({ url, problem }) => {
    expect(() => checkUpstreamUrl('x().url', url)).toThrow(ConfigError);
    expect(() => checkUpstreamUrl('x().url', url)).toThrow(`x().url: ${problem}`);
    expect(() => checkUpstreamUrl('x().url', url)).not.toThrow('key-in-url');
  });
});
