import { describe, expect, it } from 'vitest';
import { addressRuleOf, mayDial } from './address-rules.ts';

/** Which of the rules let an address through: public, loopback, private. */
const ALL_BUT_LOOPBACK = 'public private';

const ADDRESSES: readonly [address: string, what: string, allowedBy: string][] = [
  ['8.8.8.8', 'the internet', ALL_BUT_LOOPBACK],
  ['172.15.255.255', 'just before a private range', ALL_BUT_LOOPBACK],
  ['172.32.0.0', 'just behind it', ALL_BUT_LOOPBACK],
  ['2606:4700:4700::1111', 'the internet', ALL_BUT_LOOPBACK],
  ['127.0.0.1', 'loopback', 'loopback private'],
  ['127.255.255.254', 'loopback', 'loopback private'],
  ['::1', 'loopback', 'loopback private'],
  ['10.0.0.1', 'RFC 1918', 'private'],
  ['172.16.0.1', 'RFC 1918', 'private'],
  ['172.31.255.255', 'RFC 1918', 'private'],
  ['192.168.1.1', 'RFC 1918', 'private'],
  ['100.64.0.1', 'behind a carrier’s translator', 'private'],
  ['100.127.255.255', 'behind a carrier’s translator', 'private'],
  ['fc00::1', 'unique local', 'private'],
  ['fd12:3456::1', 'unique local', 'private'],
  ['169.254.169.254', 'cloud metadata', ''],
  ['169.254.0.1', 'link-local', ''],
  ['168.63.129.16', 'a cloud’s wire server', ''],
  ['100.100.100.200', 'cloud metadata', ''],
  ['fd00:ec2::254', 'cloud metadata', ''],
  ['FD00:EC2:0:0:0:0:0:254', 'cloud metadata', ''],
  ['fe80::1', 'link-local', ''],
  ['fe80::1%eth0', 'link-local with a zone', ''],
  ['fec0::1', 'site-local', ''],
  ['0.0.0.0', 'unspecified', ''],
  ['0.1.2.3', 'this network', ''],
  ['::', 'unspecified', ''],
  ['255.255.255.255', 'broadcast', ''],
  ['224.0.0.1', 'multicast', ''],
  ['239.255.255.250', 'multicast', ''],
  ['ff02::1', 'multicast', ''],
  ['240.0.0.1', 'reserved', ''],
  ['192.0.0.192', 'reserved', ''],
  ['192.0.2.1', 'documentation', ''],
  ['198.18.0.1', 'benchmarks', ''],
  ['198.51.100.1', 'documentation', ''],
  ['203.0.113.1', 'documentation', ''],
  ['2001:db8::1', 'documentation', ''],
  ['3fff::1', 'documentation', ''],
  ['2001::1', 'a tunnel (Teredo)', ''],
  ['2002:7f00:1::', 'a tunnel (6to4) to loopback', ''],
  ['100::1', 'discard', ''],
  ['4000::1', 'unassigned', ''],
  ['::127.0.0.1', 'IPv4-compatible loopback', 'private'],
  ['::8.8.8.8', 'IPv4-compatible internet', 'private'],
  ['::169.254.169.254', 'IPv4-compatible metadata', ''],
  ['::ffff:8.8.8.8', 'mapped internet', 'private'],
  ['::ffff:127.0.0.1', 'mapped loopback', 'private'],
  ['::ffff:7f00:1', 'mapped loopback', 'private'],
  ['::ffff:169.254.169.254', 'mapped metadata', ''],
  ['::ffff:168.63.129.16', 'a mapped wire server', ''],
  ['64:ff9b::808:808', 'translated internet', 'private'],
  ['64:ff9b::a9fe:a9fe', 'translated metadata', ''],
  ['64:ff9b:1::1', 'locally translated', ''],
  ['127.1', 'an address in short', ''],
  ['0177.0.0.1', 'an address in octal', ''],
  ['0x7f000001', 'an address in hexadecimal', ''],
  ['2130706433', 'an address as a number', ''],
  ['[::1]', 'brackets', ''],
  ['localhost', 'a name', ''],
  ['', 'nothing', ''],
];

describe('the rules for addresses', () => {
  it.for(ADDRESSES)('let %s (%s) be dialled by: %s', ([address, , allowedBy]) => {
    const rules = (['public', 'loopback', 'private'] as const).filter((rule) => mayDial(address, rule));
    expect(rules.join(' ')).toBe(allowedBy);
  });

  it.for([
    { url: 'ws://localhost:1/', allowPrivate: false, rule: 'loopback' },
    { url: 'ws://127.0.0.1/', allowPrivate: false, rule: 'loopback' },
    { url: 'ws://127.1.2.3/', allowPrivate: true, rule: 'loopback' },
    { url: 'ws://[::1]/', allowPrivate: false, rule: 'loopback' },
    { url: 'wss://0x7f.1/', allowPrivate: false, rule: 'loopback' },
    { url: 'wss://localhost.example/', allowPrivate: false, rule: 'public' },
    { url: 'wss://127.0.0.1.example/', allowPrivate: false, rule: 'public' },
    { url: 'wss://api.example/', allowPrivate: true, rule: 'private' },
  ])('hold a URL like $url to $rule addresses', ({ url, allowPrivate, rule }) => {
    expect(addressRuleOf(new URL(url).hostname, allowPrivate)).toBe(rule);
  });
});
