/** The addresses that may use the proxy: single ones and ranges (RFC 4632), IPv4 and IPv6. */
import ipaddr from 'ipaddr.js';
import { ConfigError } from '../errors.ts';
import { isAddress } from './client-address.ts';

export interface AddressList {
  /** False also for text that is no address. */
  has(address: string): boolean;
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** @throws ConfigError naming `option` for an entry that is neither an address nor a range. */
export function createAddressList(option: string, entries: readonly string[]): AddressList {
  if (entries.length === 0)
    throw new ConfigError(option, 'is empty, so that nobody could connect. Add an address, or leave it out.');
  const ranges = entries.map((entry) => toRange(option, entry));
  return {
    has(address) {
      if (!isAddress(address)) return false;
      // An IPv4 address that came over an IPv6 socket is the same address (RFC 4291 2.5.5.2).
      const parsed = ipaddr.process(address);
      return ranges.some((range) => parsed.kind() === range[0].kind() && parsed.match(range));
    },
  };
}

function toRange(option: string, entry: string): Range {
  const [address = '', bits, ...more] = entry.trim().split('/');
  const isWhole = bits === undefined;
  if (!isAddress(address) || more.length > 0 || !(isWhole || /^\d{1,3}$/.test(bits)))
    throw notARange(option, entry);
  const parsed = ipaddr.parse(address);
  const width = parsed.kind() === 'ipv4' ? 32 : 128;
  if (Number(bits ?? width) > width) throw notARange(option, entry);
  return [parsed, Number(bits ?? width)];
}

function notARange(option: string, entry: string): ConfigError {
  const problem = 'is not an address or a range. Write it like 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32.';
  return new ConfigError(option, `${JSON.stringify(entry)} ${problem}`);
}
