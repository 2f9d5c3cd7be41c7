/** What is accepted, what is refused, and that a refusal names the option and shows no secret. */
import { afterEach, expect, test, vi } from 'vitest';
import { resolveOptions, type ProxyClientOptions } from './options.ts';

afterEach(() => vi.unstubAllGlobals());

const urls = [
  ['ws://host/route', 'ws://host/route'],
  ['wss://host', 'wss://host/'],
  ['http://host/route?mode=a%20b', 'ws://host/route?mode=a%20b'],
  ['https://host:8443/route', 'wss://host:8443/route'],
  ['https://host/route#part', 'wss://host/route'],
] as const;

test.each(urls)('dials %s as %s', (url, expected) => {
  expect(resolveOptions({ url }).target.url).toBe(expected);
  expect(resolveOptions({ url: new URL(url) }).target.url).toBe(expected);
});

test('resolves a relative URL against the page', () => {
  vi.stubGlobal('location', { href: 'https://page.example/deep/index.html?x=1' });
  expect(resolveOptions({ url: '/deepgram-proxy' }).target.url).toBe('wss://page.example/deepgram-proxy');
  expect(resolveOptions({ url: 'ws' }).target.url).toBe('wss://page.example/deep/ws');
});

test('takes a path where there is no page yet', () => {
  expect(resolveOptions({ url: '/deepgram-proxy' }).target.url).toBe('/deepgram-proxy');
});

const ok = { url: 'ws://host/' };
const wrong: [string, object][] = [
  ['url', { url: 'ftp://host/' }],
  ['url', { url: 'not a url' }],
  ['url', { url: '' }],
  ['url', { url: undefined }],
  ['url', { url: 'ws://host/?token=abc', token: 'def' }],
  ['token', { ...ok, token: '' }],
  ['token', { ...ok, token: 42 }],
  ['token', { ...ok, token: null }],
  ['tokenTransport', { ...ok, tokenTransport: 'cookie' }],
  ['protocols', { ...ok, protocols: ['a b'] }],
  ['protocols', { ...ok, protocols: ['a', 'a'] }],
  ['connectTimeoutMs', { ...ok, connectTimeoutMs: 0 }],
  ['connectTimeoutMs', { ...ok, connectTimeoutMs: '5' }],
  ['reconnect.firstDelayMs', { ...ok, reconnect: { firstDelayMs: -1 } }],
  ['reconnect.maxDelayMs', { ...ok, reconnect: { maxDelayMs: NaN } }],
  ['reconnect.maxDelayMs', { ...ok, reconnect: { maxDelayMs: Infinity } }],
  ['reconnect.giveUpAfterMs', { ...ok, reconnect: { giveUpAfterMs: 0 } }],
  ['reconnect.stableAfterMs', { ...ok, reconnect: { stableAfterMs: -5 } }],
  ['reconnect.maxRetryAfterMs', { ...ok, reconnect: { maxRetryAfterMs: '60' } }],
  ['outbox.maxBytes', { ...ok, outbox: { maxBytes: -1 } }],
  ['outbox.maxFrames', { ...ok, outbox: { maxFrames: NaN } }],
];

test.each(wrong)('names %s when it is wrong: %j', (name, options) => {
  const resolve = () => resolveOptions(options as ProxyClientOptions);
  expect(resolve).toThrow(name);
  expect(resolve).toThrow(/^[\w.]+ must be /);
});

test('never shows a token or a URL in a refusal', () => {
  for (const url of ['ws://host/?token=s3cret', 'gopher://s3cret/']) {
    expect(() => resolveOptions({ url, token: 's3cret' })).toThrow(/^url/);
    expect(() => resolveOptions({ url, token: 's3cret' })).not.toThrow('s3cret');
  }
});

test('has the documented defaults', () => {
  expect(resolveOptions(ok)).toMatchObject({
    tokenTransport: 'query',
    connectTimeoutMs: 10_000,
    policy: {
      mayReconnect: true,
      firstDelayMs: 300,
      maxDelayMs: 5_000,
      giveUpAfterMs: 120_000,
      stableAfterMs: 5_000,
      maxRetryAfterMs: 60_000,
    },
    outbox: { maxBytes: 1_048_576, maxFrames: 256 },
  });
});

test('takes the ends of the ranges, and reconnect false', () => {
  const reconnect = { firstDelayMs: 0, giveUpAfterMs: Infinity, maxRetryAfterMs: 0 };
  expect(resolveOptions({ ...ok, reconnect }).policy).toMatchObject({ mayReconnect: true, ...reconnect });
  expect(resolveOptions({ ...ok, reconnect: false }).policy.mayReconnect).toBe(false);
  expect(resolveOptions({ ...ok, outbox: { maxFrames: 0 } }).outbox.maxFrames).toBe(0);
});
