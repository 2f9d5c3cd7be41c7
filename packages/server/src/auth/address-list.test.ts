import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { createAddressList } from './address-list.ts';

const list = createAddressList('ipAllowList', ['192.0.2.7', ' 10.0.0.0/8 ', '2001:db8::/32', '::1']);

describe('an address list', () => {
  it.each(['192.0.2.7', '10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3', '2001:db8:1::9', '::1'])(
    'has %s',
    (address) => {
      expect(list.has(address)).toBe(true);
    },
  );

  it.each([
    '192.0.2.8',
    '11.0.0.0',
    '2001:db9::1',
    '::2',
    '',
    'localhost',
    '10.0.0.1:80',
    '10.1',
    '0x0a000001',
    '10.0.0.1/8',
  ])('does not have %j', (address) => {
    expect(list.has(address)).toBe(false);
  });

  it.each(['', 'localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '::/129', '10/8', '1.2.3.4/8/8', '*'])(
    'refuses the entry %j, naming the option and what to write',
    (entry) => {
      expect(() => createAddressList('ipAllowList', [entry])).toThrow(ConfigError);
      expect(() => createAddressList('ipAllowList', [entry])).toThrow(
        /^ipAllowList: .*Write it like 192\.0\.2\.7/,
      );
    },
  );

  it('refuses to be empty, since nobody could connect', () => {
    expect(() => createAddressList('ipAllowList', [])).toThrow(/^ipAllowList: is empty/);
  });
});
