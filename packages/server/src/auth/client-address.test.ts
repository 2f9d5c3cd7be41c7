import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientAddressOf, siteOf } from './client-address.ts';

const from = (remoteAddress: string | undefined, forwarded?: string | string[], more = {}) => ({
  headers: { 'x-forwarded-for': forwarded, ...more },
  socket: { remoteAddress },
});

describe('the address of a client', () => {
  it.each([
    { title: 'a forged header without a proxy', forwarded: '6.6.6.6', hops: 0, is: '192.0.2.1' },
    { title: 'three entries and one proxy', forwarded: '6.6.6.6, 7.7.7.7, 8.8.8.8', hops: 1, is: '8.8.8.8' },
    {
      title: 'three entries and two proxies',
      forwarded: '6.6.6.6, 7.7.7.7, 8.8.8.8',
      hops: 2,
      is: '7.7.7.7',
    },
    { title: 'fewer entries than proxies', forwarded: '6.6.6.6', hops: 2, is: '192.0.2.1' },
    { title: 'two headers', forwarded: ['6.6.6.6', '8.8.8.8'], hops: 1, is: '8.8.8.8' },
    { title: 'no header', forwarded: undefined, hops: 1, is: '192.0.2.1' },
    { title: 'garbage', forwarded: 'x', hops: 1, is: '192.0.2.1' },
    { title: 'a port', forwarded: '8.8.8.8:80', hops: 1, is: '8.8.8.8' },
    { title: 'IPv6 and a port', forwarded: '[2001:db8::1]:80', hops: 1, is: '2001:db8::1' },
    { title: 'IPv6 in brackets', forwarded: '[2001:db8::1]', hops: 1, is: '2001:db8::1' },
    { title: 'brackets alone', forwarded: '[]:80', hops: 1, is: '192.0.2.1' },
    { title: 'a short form', forwarded: '8.8', hops: 1, is: '192.0.2.1' },
    { title: 'a zone that is any text', forwarded: 'fe80::1%a-b', hops: 1, is: '192.0.2.1' },
    { title: 'a zone', forwarded: 'fe80::1%eth0', hops: 1, is: 'fe80::1' },
    { title: 'IPv6', forwarded: '2001:DB8::0:1', hops: 1, is: '2001:db8::1' },
  ])('with $title is $is', ({ forwarded, hops, is }) => {
    expect(clientAddressOf(from('192.0.2.1', forwarded), hops)).toBe(is);
  });

  it('never comes from other headers', () => {
    const more = { forwarded: 'for=6.6.6.6', 'x-real-ip': '6.6.6.6', 'cf-connecting-ip': '6.6.6.6' };
    expect(clientAddressOf(from('192.0.2.1', undefined, more), 1)).toBe('192.0.2.1');
  });

  it('is one text for an IPv4 address, over whichever socket it came', () => {
    expect(clientAddressOf(from('::ffff:1.2.3.4'), 0)).toBe('1.2.3.4');
  });

  it.each(['fe80::1%eth0', 'fe80::1%br-lan', 'fe80::1%', 'fe80::1%a.b:c/%'])(
    'has no zone, which names an interface: %s',
    (remoteAddress) => {
      expect(clientAddressOf(from(remoteAddress), 0)).toBe('fe80::1');
    },
  );

  it('can be told from any text, and its site too', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.%-/ g'), maxLength: 40 });
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.ipV6(),
          fc.ipV6().map((one) => `${one}%a-b`),
        ),
        (told) => {
          const address = clientAddressOf(from('192.0.2.1', told), 1);
          expect(isIP(address)).toBeGreaterThan(0);
          expect(siteOf(address)).not.toContain('%');
          expect(siteOf(clientAddressOf(from(told), 0))).toBeTypeOf('string');
        },
      ),
    );
  });

  it('is empty for a socket that has gone', () => {
    expect(clientAddressOf(from(undefined), 0)).toBe('');
  });
});

describe('the site of an address', () => {
  it.each([
    ['1.2.3.4', '1.2.3.4'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['::1', '::/64'],
    ['', ''],
  ])('of %j is %j', (address, site) => {
    expect(siteOf(address)).toBe(site);
  });
});
