/** A `lookup` for sockets that hands over allowed addresses only: what is judged is what is dialled (DNS rebinding). */
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { addressRefused, mayDial, type AddressRule } from './address-rules.ts';

/** The lookup fails with a ProxyError when no address of the name may be dialled, and as `resolve` does. */
export function guardLookup(resolve: LookupFunction, rule: AddressRule): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      const allowed = toList(found, family).filter(({ address }) => mayDial(address, rule));
      const first = allowed[0];
      if (!first) return callback(addressRefused(), '');
      // Sockets ask for all addresses when they mean to try IPv6 and IPv4 side by side (RFC 8305).
      return options.all === true ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };
}

function toList(found: string | LookupAddress[], family: number | undefined): LookupAddress[] {
  return typeof found === 'string' ? [{ address: found, family: family ?? 0 }] : found;
}
