/**
 * Which addresses may be dialled, so that a name cannot lead into the operator's network (server-side request forgery).
 * Judges single addresses; guarded-lookup.ts sees to it that the judged address is the dialled one.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { ProxyError } from '../errors.ts';
import { isLoopback } from './upstream-url.ts';

/** `public`: the internet alone. `loopback`: this machine alone. `private`: the internet, private networks and this machine. */
export type AddressRule = 'public' | 'loopback' | 'private';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Ranges that `private` adds to the internet. Link-local is not among them: clouds keep their credentials there. */
const PRIVATE_RANGES: readonly string[] = ['private', 'uniqueLocal', 'carrierGradeNat', 'loopback'];

/** All of the internet's IPv6 addresses (RFC 4291 2.4, as assigned). */
const GLOBAL_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/** Services of clouds for their machines, with credentials among them, that stand in ranges one may dial. */
const CLOUD_SERVICES: readonly string[] = ['168.63.129.16', '100.100.100.200', 'fd00:ec2::254'].map((text) =>
  ipaddr.parse(text).toNormalizedString(),
);

/** The prefix for addresses of IPv4 behind a translator (RFC 6052 2.1). */
const TRANSLATED: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

/** `hostname` is the operator's own, as a URL writes it. */
export function addressRuleOf(hostname: string, allowPrivate: boolean): AddressRule {
  if (isLoopback(hostname)) return 'loopback';
  return allowPrivate ? 'private' : 'public';
}

/** False also for text that is no address. */
export function mayDial(address: string, rule: AddressRule): boolean {
  if (isIP(address) === 0 || !ipaddr.isValid(address)) return false;
  const parsed: Address = ipaddr.parse(address);
  if (rule === 'loopback') return parsed.range() === 'loopback';
  if (rule === 'public') return isPublic(parsed);
  const target = embeddedIn(parsed);
  return isPublic(target) || (PRIVATE_RANGES.includes(target.range()) && !isCloudService(target));
}

export function addressRefused(): ProxyError {
  return new ProxyError('UpstreamUnavailable', 'the address of the upstream is not allowed');
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast' || isCloudService(address)) return false;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_IPV6);
}

function isCloudService(address: Address): boolean {
  return CLOUD_SERVICES.includes(address.toNormalizedString());
}

/** The IPv4 address that an IPv6 address leads to, or the address itself. */
function embeddedIn(address: Address): Address {
  if (address instanceof ipaddr.IPv4) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(TRANSLATED) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}
