import type { IncomingMessage } from 'node:http';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_QUERY_BYTES } from '../contract/index.ts';
import { isRefusal, pathOf, readUpgrade, type UpgradeRequest } from './upgrade.ts';

const good: Record<string, string> = {
  host: 'proxy.test:8080',
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

interface Changes {
  readonly method?: string;
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Every Authorization header; Node's `headers` hold the first. */
  readonly authorizations?: readonly string[];
  readonly socket?: object;
}

const request = (changes: Changes): IncomingMessage => {
  const { method = 'GET', url = '/proxy', headers = {}, authorizations = [], socket = {} } = changes;
  const first = { authorization: authorizations[0] };
  const merged = Object.entries({ ...good, ...first, ...headers }).filter(([, value]) => value !== undefined);
  const distinct = Object.fromEntries(merged.map(([name, value]) => [name, [value]]));
  const headersDistinct =
    authorizations.length > 0 ? { ...distinct, authorization: authorizations } : distinct;
  return {
    method,
    url,
    headers: Object.fromEntries(merged),
    headersDistinct,
    rawHeaders: [],
    socket,
  } as unknown as IncomingMessage;
};

describe('pathOf', () => {
  it.each([
    { target: '/', path: '/' },
    { target: '/proxy', path: '/proxy' },
    { target: '/proxy?a=/b', path: '/proxy' },
    { target: '/proxy?', path: '/proxy' },
    { target: '/?/proxy', path: '/' },
    { target: '/a//b', path: '/a/b' },
    { target: '//proxy', path: '/proxy' },
    { target: '///a////b/?c=//d', path: '/a/b/' },
    { target: '//other.test/proxy', path: '/other.test/proxy' },
    { target: '/%2f%2fa', path: '/%2f%2fa' },
    { target: '/%2e%2e/proxy', path: '/%2e%2e/proxy' },
    { target: '/../proxy', path: '/../proxy' },
    { target: '/PROXY/', path: '/PROXY/' },
    { target: '/http://other.test/', path: '/http:/other.test/' },
    { target: '/proxy;a=1', path: '/proxy;a=1' },
    { target: '/__proto__', path: '/__proto__' },
  ])('of $target is $path, with single slashes, not decoded and not resolved', ({ target, path }) => {
    expect(pathOf(target)).toBe(path);
  });

  it.each([
    undefined,
    '',
    '//',
    '//?a',
    '//%61',
    '//@other.test/a',
    '//[::1',
    '///',
    'http://other.test/proxy',
    'ws://other.test/proxy',
    '*',
    'proxy',
    '?a',
    '/a\\b',
    '\\proxy',
    '/proxy#x',
    'other.test:443',
  ])('knows none for %j', (target) => {
    expect(pathOf(target)).toBeUndefined();
  });

  it('never fails, and never lets a target name a host', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (target) => {
        const path = pathOf(target);
        expect(path === undefined || (path.startsWith('/') && !path.startsWith('//'))).toBe(true);
      }),
    );
  });
});

describe('readUpgrade refuses', () => {
  it.each([
    { title: 'the target //', change: { url: '//' }, status: 400 },
    { title: 'the target //[::1', change: { url: '//[::1' }, status: 400 },
    { title: 'an absolute target', change: { url: 'http://other.test/proxy' }, status: 400 },
    { title: 'no target', change: { url: '' }, status: 400 },
    { title: 'a POST', change: { method: 'POST' }, status: 405 },
    { title: 'a HEAD', change: { method: 'HEAD' }, status: 405 },
    { title: 'a get', change: { method: 'get' }, status: 405 },
    { title: 'no Upgrade', change: { headers: { upgrade: undefined } }, status: 426 },
    { title: 'an upgrade to h2c', change: { headers: { upgrade: 'h2c' } }, status: 426 },
    { title: 'two upgrades', change: { headers: { upgrade: 'websocket, h2c' } }, status: 426 },
    { title: 'a body of 5', change: { headers: { 'content-length': '5' } }, status: 400 },
    { title: 'a body of 0', change: { headers: { 'content-length': '0' } }, status: 400 },
    { title: 'a chunked body', change: { headers: { 'transfer-encoding': 'chunked' } }, status: 400 },
    { title: 'version 8', change: { headers: { 'sec-websocket-version': '8' } }, status: 426 },
    { title: 'no version', change: { headers: { 'sec-websocket-version': undefined } }, status: 426 },
    { title: 'two versions', change: { headers: { 'sec-websocket-version': '13, 13' } }, status: 426 },
    { title: 'version 13.0', change: { headers: { 'sec-websocket-version': '13.0' } }, status: 426 },
    { title: 'no key', change: { headers: { 'sec-websocket-key': undefined } }, status: 400 },
    { title: 'an empty key', change: { headers: { 'sec-websocket-key': '' } }, status: 400 },
    { title: 'a short key', change: { headers: { 'sec-websocket-key': 'c2hvcnQ=' } }, status: 400 },
    {
      title: 'a key without padding',
      change: { headers: { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ' } },
      status: 400,
    },
    {
      title: 'two keys',
      change: { headers: { 'sec-websocket-key': `${good['sec-websocket-key']}, x` } },
      status: 400,
    },
    { title: 'no Host', change: { headers: { host: undefined } }, status: 400 },
    { title: 'an empty Host', change: { headers: { host: '' } }, status: 400 },
    { title: 'a Host with a space', change: { headers: { host: 'a b' } }, status: 400 },
    { title: 'a Host of 300 bytes', change: { headers: { host: 'a'.repeat(300) } }, status: 400 },
    { title: 'a Host with a slash', change: { headers: { host: 'a/b' } }, status: 400 },
    { title: 'a Host with user information', change: { headers: { host: 'a@b' } }, status: 400 },
    { title: 'an empty subprotocol', change: { headers: { 'sec-websocket-protocol': '' } }, status: 400 },
    {
      title: 'a token that is no subprotocol',
      change: { headers: { 'sec-websocket-protocol': 'token, a/b=' } },
      status: 400,
    },
    {
      title: 'a subprotocol twice',
      change: { headers: { 'sec-websocket-protocol': 'token, token' } },
      status: 400,
    },
    { title: 'two Authorizations', change: { authorizations: ['Bearer a', 'Bearer b'] }, status: 400 },
    { title: 'one Authorization twice', change: { authorizations: ['Bearer a', 'Bearer a'] }, status: 400 },
    { title: 'a long query', change: { url: `/proxy?${'x'.repeat(MAX_QUERY_BYTES + 1)}` }, status: 414 },
  ])('$title with HTTP $status', ({ change, status }) => {
    const read = readUpgrade(request(change));
    expect(read).toMatchObject({ status, error: expect.stringMatching(/^[a-z_]+$/) });
    expect(isRefusal(read)).toBe(true);
  });

  it.each([
    { title: 'the target', change: { url: '//' }, status: 400 },
    { title: 'the method', change: { method: 'POST' }, status: 405 },
    { title: 'a body', change: { headers: { 'content-length': '5' } }, status: 400 },
    { title: 'the Host', change: { headers: { host: 'a b' } }, status: 400 },
    { title: 'two Authorizations', change: { authorizations: ['Bearer a', 'Bearer b'] }, status: 400 },
    { title: 'the query', change: { url: `/proxy?${'x'.repeat(MAX_QUERY_BYTES + 1)}` }, status: 414 },
  ])('$title before anything of the handshake', ({ change, status }) => {
    const alone = readUpgrade(request(change));
    const wrong = {
      upgrade: 'h2c',
      'sec-websocket-version': '8',
      'sec-websocket-key': 'x',
      'sec-websocket-protocol': '',
    };
    const both = { ...change, headers: { ...wrong, ...('headers' in change ? change.headers : {}) } };
    expect(alone).toMatchObject({ status });
    expect(readUpgrade(request(both))).toEqual(alone);
  });

  it('says what would be understood', () => {
    expect(readUpgrade(request({ headers: { 'sec-websocket-version': '8' } }))).toMatchObject({
      headers: { 'Sec-WebSocket-Version': '13' },
    });
    expect(readUpgrade(request({ method: 'POST' }))).toMatchObject({ headers: { Allow: 'GET' } });
    expect(readUpgrade(request({ headers: { upgrade: undefined } }))).toMatchObject({
      headers: { Upgrade: 'websocket' },
    });
  });

  it('without repeating anything the client sent', () => {
    const marks = Object.fromEntries(Object.keys(good).map((name) => [name, 'marked-text']));
    for (const change of [{ url: '//@marked-text' }, { method: 'marked-text' }, { headers: marks }]) {
      expect(JSON.stringify(readUpgrade(request(change)))).not.toContain('marked-text');
    }
  });
});

describe('readUpgrade reads', () => {
  it('a good upgrade', () => {
    const headers = {
      origin: 'https://app.test',
      'sec-websocket-protocol': 'token, abc',
      authorization: 'Bearer x',
    };
    const read = readUpgrade(request({ url: '/proxy?a=1&to%6ben=x', headers })) as UpgradeRequest;
    expect(read).toMatchObject({
      path: '/proxy',
      host: 'proxy.test:8080',
      origin: 'https://app.test',
      subprotocols: ['token', 'abc'],
      key: good['sec-websocket-key'],
    });
    expect(read.query.map((pair) => [pair.name, pair.raw])).toEqual([
      ['a', 'a=1'],
      ['token', 'to%6ben=x'],
    ]);
    expect(read.header('authorization')).toBe('Bearer x');
    expect(read.header('x-missing')).toBeUndefined();
  });

  it.each([
    { socket: {}, isEncrypted: false },
    { socket: { encrypted: true }, isEncrypted: true },
    { socket: { encrypted: false }, isEncrypted: false },
  ])('whether TLS ends here from $socket', ({ socket, isEncrypted }) => {
    expect(readUpgrade(request({ socket }))).toMatchObject({ isEncrypted });
  });

  it('one Authorization header', () => {
    const read = readUpgrade(request({ authorizations: ['Bearer x'] })) as UpgradeRequest;
    expect(read.header('authorization')).toBe('Bearer x');
  });

  it.each([
    { title: 'any case of the upgrade', change: { headers: { upgrade: 'WebSocket' } } },
    { title: 'an IPv6 host', change: { headers: { host: '[::1]:8080' } } },
    {
      title: 'extensions, however many',
      change: { headers: { 'sec-websocket-extensions': 'x, '.repeat(5_000) } },
    },
    { title: 'a query of 12 KB', change: { url: `/proxy?${'x'.repeat(12_288)}` } },
    { title: 'the longest query', change: { url: `/proxy?${'x'.repeat(MAX_QUERY_BYTES)}` } },
    { title: 'no query behind the mark', change: { url: '/proxy?' } },
  ])('$title', ({ change }) => {
    expect(isRefusal(readUpgrade(request(change)))).toBe(false);
  });
});
