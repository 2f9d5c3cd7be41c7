import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { createOriginPolicy } from './origin.ts';

const HOST = 'proxy.test';
const allows = (origins: readonly string[], origin: string | undefined): boolean =>
  createOriginPolicy({ origins }).allows(origin, HOST, false);

const APP = 'https://app.example.com';

describe('a listed origin', () => {
  it.each([
    { listed: APP, origin: APP },
    { listed: APP, origin: 'https://APP.Example.COM' },
    { listed: APP, origin: 'HTTPS://app.example.com' },
    { listed: APP, origin: 'https://app.example.com.' },
    { listed: APP, origin: 'https://app.example.com:443' },
    { listed: 'https://app.example.com.', origin: APP },
    { listed: 'https://APP.example.com:443', origin: APP },
    { listed: 'http://localhost:5173', origin: 'http://localhost:5173' },
    { listed: 'http://localhost:80', origin: 'http://localhost' },
    { listed: 'https://bücher.example', origin: 'https://xn--bcher-kva.example' },
    { listed: 'https://xn--bcher-kva.example', origin: 'https://BÜCHER.example' },
    { listed: 'http://[::1]:3000', origin: 'http://[0:0:0:0:0:0:0:1]:3000' },
    { listed: 'https://[2001:DB8::1]', origin: 'https://[2001:db8::1]:443' },
    { listed: 'null', origin: 'null' },
    { listed: 'vscode-webview://abc', origin: 'vscode-webview://ABC' },
    { listed: 'chrome-extension://abcdef', origin: 'chrome-extension://abcdef' },
  ])('$listed lets $origin in', ({ listed, origin }) => {
    expect(allows([listed], origin)).toBe(true);
  });

  it.each(
    [
      'https://app.example.com.evil.test',
      'https://evil-app.example.com',
      'https://xapp.example.com',
      'https://sub.app.example.com',
      'https://example.com',
      'http://app.example.com',
      'https://app.example.com:8443',
      'https://app.example.com:80',
      'https://app.example.com@evil.test',
      'https://app.example.com:x@evil.test',
      'https://evil.test/https://app.example.com',
      'https://evil.test#https://app.example.com',
      'https://evil.test?https://app.example.com',
      'https://evil.test\\app.example.com',
      'https://app.example.com/',
      'https://app.example.com\t',
      ' https://app.example.com',
      'https://app.example.com..',
      'https:app.example.com',
      'https:///app.example.com',
      '//app.example.com',
      'app.example.com',
      'null',
      'NULL',
      '',
      'https://',
      'https://app.example.com\u0000',
      'https://app.example.com:',
      'https://app.exаmple.com',
    ].filter((origin) => origin !== 'https://app.example.com:'),
  )('https://app.example.com keeps %j out', (origin) => {
    expect(allows([APP], origin)).toBe(false);
  });

  it('keeps out two Origin headers, which Node joins by a comma', () => {
    for (const joined of [
      `${APP}, https://evil.test`,
      `https://evil.test, ${APP}`,
      `${APP},${APP}`,
      `${APP}, null`,
    ]) {
      expect(allows([APP, 'null'], joined)).toBe(false);
    }
  });

  it('lets nobody in by null unless null is listed literally', () => {
    expect(allows([APP, 'https://*.example.com'], 'null')).toBe(false);
    expect(allows(['null'], 'NULL')).toBe(false);
    expect(allows(['null'], 'https://null')).toBe(false);
  });

  it('is the only one let in, whatever an attacker puts around it', () => {
    const around = fc.string({ unit: 'binary-ascii', maxLength: 6 });
    const policy = createOriginPolicy({ origins: [APP] });
    fc.assert(
      fc.property(around, around, around, (before, between, after) => {
        const origin = `${before}https://${between}app.example.com${after}`;
        fc.pre(!/^https:\/\/app\.example\.com\.?(:0*443|:)?$/i.test(origin));
        expect(policy.allows(origin, HOST, false)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not open a server to its own host, which the list then leaves out', () => {
    expect(allows([APP], `https://${HOST}`)).toBe(false);
    expect(allows([], `https://${HOST}`)).toBe(false);
  });
});

describe('the list over TLS', () => {
  it('lets in whom it names, by whatever scheme it names them', () => {
    const policy = createOriginPolicy({ origins: ['http://localhost:5173', APP] });
    expect(policy.allows('http://localhost:5173', HOST, true)).toBe(true);
    expect(policy.allows(APP, HOST, true)).toBe(true);
    expect(policy.allows('http://app.example.com', HOST, true)).toBe(false);
    expect(policy.allows(`https://${HOST}`, HOST, true)).toBe(false);
  });
});

describe('an origin with a star', () => {
  it.each([
    { listed: 'https://*.example.com', origin: 'https://a.example.com' },
    { listed: 'https://*.example.com', origin: 'https://A-1.EXAMPLE.com.' },
    { listed: 'https://*.example.com:8443', origin: 'https://a.example.com:8443' },
    { listed: 'HTTPS://*.Example.com', origin: 'https://a.example.com' },
    { listed: 'vscode-webview://*', origin: 'vscode-webview://0a1b2c3d' },
    { listed: 'vscode-webview://*', origin: 'vscode-webview://a.b' },
  ])('$listed lets $origin in', ({ listed, origin }) => {
    expect(allows([listed], origin)).toBe(true);
  });

  it.each([
    { listed: 'https://*.example.com', origin: 'https://a.b.example.com.evil' },
    { listed: 'https://*.example.com', origin: 'https://a.b.example.com' },
    { listed: 'https://*.example.com', origin: 'https://example.com' },
    { listed: 'https://*.example.com', origin: 'https://.example.com' },
    { listed: 'https://*.example.com', origin: 'https://evilexample.com' },
    { listed: 'https://*.example.com', origin: 'http://a.example.com' },
    { listed: 'https://*.example.com', origin: 'https://a.example.com:8443' },
    { listed: 'https://*.example.com', origin: 'https://*.example.com/' },
    { listed: 'vscode-webview://*', origin: 'https://abc' },
    { listed: 'vscode-webview://*', origin: 'vscode-webview://' },
    { listed: 'vscode-webview://*', origin: 'vscode-webview2://abc' },
  ])('$listed keeps $origin out', ({ listed, origin }) => {
    expect(allows([listed], origin)).toBe(false);
  });
});

describe('without a list', () => {
  const policy = createOriginPolicy({});

  it.each([
    { origin: 'https://app.test', host: 'app.test' },
    { origin: 'https://app.test', host: 'app.test:443' },
    { origin: 'http://app.test', host: 'APP.test:80' },
    { origin: 'http://app.test:8080', host: 'app.test:8080' },
    { origin: 'http://[::1]:8080', host: '[::1]:8080' },
    { origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080' },
  ])('a page of $origin reaches the host $host', ({ origin, host }) => {
    expect(policy.allows(origin, host, false)).toBe(true);
  });

  it.each([
    { origin: 'https://evil.test', host: 'app.test' },
    { origin: 'https://app.test.evil.test', host: 'app.test' },
    { origin: 'http://app.test:8081', host: 'app.test:8080' },
    { origin: 'https://app.test', host: 'app.test:8443' },
    { origin: 'null', host: 'null' },
    { origin: '', host: '' },
    { origin: 'https://app.test', host: '' },
    { origin: 'https://[', host: '[' },
    { origin: 'https://:::', host: ':::' },
    { origin: 'https://app.test', host: 'app.test, evil.test' },
  ])('a page of $origin does not reach the host $host', ({ origin, host }) => {
    expect(policy.allows(origin, host, false)).toBe(false);
  });

  it.each([
    { origin: 'http://app.test', host: 'app.test' },
    { origin: 'http://app.test', host: 'app.test:80' },
    { origin: 'HTTP://app.test:8443', host: 'app.test:8443' },
    { origin: 'http://127.0.0.1:8443', host: '127.0.0.1:8443' },
  ])('a page of $origin reaches the host $host only where that speaks no TLS', ({ origin, host }) => {
    expect(policy.allows(origin, host, true)).toBe(false);
    expect(policy.allows(origin, host, false)).toBe(true);
  });

  it('an https page of the same host gets in over TLS, and no other host does', () => {
    expect(policy.allows('https://app.test', 'app.test', true)).toBe(true);
    expect(policy.allows('https://app.test:8443', 'app.test:8443', true)).toBe(true);
    expect(policy.allows('https://evil.test', 'app.test', true)).toBe(false);
  });

  it('answers any origin and any host without failing', () => {
    const text = fc.string({ unit: 'binary-ascii' });
    fc.assert(
      fc.property(
        text,
        text,
        fc.boolean(),
        (origin, host, isEncrypted) => typeof policy.allows(origin, host, isEncrypted) === 'boolean',
      ),
    );
  });
});

describe('no Origin', () => {
  it('is let in by default, and kept out where the application says so', () => {
    expect(createOriginPolicy({ origins: [APP] }).allows(undefined, HOST, false)).toBe(true);
    const strict = createOriginPolicy({ allowNoOrigin: false });
    expect(strict.allows(undefined, HOST, false)).toBe(false);
    expect(strict.allows('', HOST, false)).toBe(false);
    expect(strict.allows(undefined, HOST, true)).toBe(false);
    expect(createOriginPolicy({}).allows(undefined, HOST, true)).toBe(true);
  });
});

describe('the list itself', () => {
  it.each([
    '',
    '*',
    '*.example.com',
    'app.example.com',
    'https://*',
    'http://*',
    'HTTPS://*',
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://user@app.example.com',
    'https://app.example.com, https://other.example.com',
    'https://*.*.example.com',
    'https://a*.example.com',
    'https://*.exam ple.com',
    'https://*.example.com:99999',
    'https://*.example.com?x',
    'https://*.example.com#x',
    'https://*.user@example.com',
    'https://*.',
    'https://*..',
    'https://example.com:99999',
    'https://exam ple.com',
    'file://',
    'NULL',
    ' https://app.example.com',
  ])('may not hold %j', (entry) => {
    expect(() => createOriginPolicy({ origins: [entry] })).toThrow(ConfigError);
    expect(() => createOriginPolicy({ origins: [APP, entry] })).toThrow(/^origins: .*is not an origin/);
  });
});
