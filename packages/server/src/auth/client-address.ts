/** From which address a request came: that of its socket, or what trusted proxies in front say. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The parts of a request that tell its address. */
export interface AddressSource {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** A user at home has at least this much of IPv6, and can change the rest at will (RFC 6177 2). */
const IPV6_SITE_BITS = 64;

/**
 * `trustedProxies` is the number of proxies in front that add to X-Forwarded-For. Only what they wrote counts: with one,
 * the last entry. Where there is no such entry, or it is no address, the socket's address counts.
 */
export function clientAddressOf({ headers, socket }: AddressSource, trustedProxies: number): string {
  const direct = socket.remoteAddress ?? '';
  if (trustedProxies === 0) return normalised(direct);
  const entries = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const told = withoutPort(entries.at(-trustedProxies)?.trim() ?? '');
  return normalised(isAddress(told) ? told : direct);
}

/** Some gateways write `203.0.113.9:5678` and `[2001:db8::1]:80`. */
function withoutPort(entry: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(entry) ?? [];
  return bracketed ?? plain ?? entry;
}

/** What limits are kept by: an IPv4 address, or the site of an IPv6 address. */
export function siteOf(address: string): string {
  if (isIP(address) !== 6 || !isAddress(address)) return address;
  const bytes = ipaddr.parse(address).toByteArray();
  const site = bytes.map((byte, at) => (at < IPV6_SITE_BITS / 8 ? byte : 0));
  return `${ipaddr.fromByteArray(site).toString()}/${IPV6_SITE_BITS}`;
}

/** One spelling for each address; an IPv4 address that came over an IPv6 socket is written as one. */
function normalised(address: string): string {
  // A zone (RFC 4007 11) names an interface of the machine that wrote it, in a text that can be anything.
  const [plain = ''] = address.split('%', 1);
  return isAddress(plain) ? ipaddr.process(plain).toString() : address;
}

/** Either of the two alone takes what the other cannot read. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && ipaddr.isValid(text);
}
