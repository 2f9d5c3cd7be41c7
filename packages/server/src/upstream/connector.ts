/** Makes the TCP or TLS socket to an upstream: allowed addresses only, certificate checked, last TLS session resumed. */
import { lookup } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import { ConfigError } from '../errors.ts';
import type { ReadBuffer } from '../leg/read-buffer.ts';
import { addressRefused, addressRuleOf, mayDial, type AddressRule } from './address-rules.ts';
import { guardLookup } from './guarded-lookup.ts';
import { TlsSessions } from './tls-sessions.ts';

/**
 * Of the application: `ca` replaces the certificate authorities that Node trusts (a private one, or a test's); `cert` and
 * `key` are for upstreams that ask for a client's certificate. Nothing here turns the check of certificates off.
 */
export interface UpstreamTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface ConnectorOptions {
  /**
   * Whether an upstream's name may lead to addresses of private networks (RFC 1918, RFC 4193, RFC 6598) and of this
   * machine. False protects from names that somebody else points there (server-side request forgery, DNS rebinding).
   */
  readonly allowPrivateAddresses: boolean;
  readonly tls?: UpstreamTls | undefined;
  /** Resolves names. Default: the system's resolver. */
  readonly resolve?: LookupFunction | undefined;
}

export interface Connector {
  /**
   * A socket that connects; the request may be written at its `secureConnect`, or `connect` for `ws:`. An address that may
   * not be dialled, once a name is resolved, is a ProxyError of the socket. @throws it for one that stands in the URL. With
   * `reads` it tells of no `data`.
   */
  connect(url: URL, reads?: ReadBuffer): Socket;
  /** The TLS handshake has failed: its session is not used again. */
  forgetSession(url: URL): void;
}

/** @throws ConfigError when the TLS options hold what is no certificate or key. */
export function createConnector({
  allowPrivateAddresses,
  tls,
  resolve = lookup,
}: ConnectorOptions): Connector {
  const sessions = new TlsSessions();
  const lookups: Readonly<Record<AddressRule, LookupFunction>> = {
    public: guardLookup(resolve, 'public'),
    loopback: guardLookup(resolve, 'loopback'),
    private: guardLookup(resolve, 'private'),
  };
  // Reading the authorities takes milliseconds; one context serves all connections. What may be wrong is read at once.
  let context = tls ? toContext(tls) : undefined;
  return {
    connect(url, reads) {
      const host = hostOf(url);
      const rule = addressRuleOf(url.hostname, allowPrivateAddresses);
      // A socket does not look up what is an address already.
      if (isIP(host) !== 0 && !mayDial(host, rule)) throw addressRefused();
      // Half-open: what answers a provider's close may come later than the end of what it sends.
      const address = {
        ...{ host, port: portOf(url), lookup: lookups[rule], allowHalfOpen: true },
        ...(reads ? { onread: reads.onread } : {}),
      };
      return url.protocol === 'wss:'
        ? openTls(address, (context ??= toContext({})), sessions)
        : connectTcp(address);
    },
    forgetSession: (url) => sessions.forget(serverOf(hostOf(url), portOf(url))),
  };
}

function toContext(tls: UpstreamTls): SecureContext {
  try {
    return createSecureContext({ ...tls, minVersion: 'TLSv1.2' });
  } catch {
    throw new ConfigError(
      'upstreamTls',
      'holds what is no certificate or key, or a key that does not fit. Check its texts.',
    );
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly lookup: LookupFunction;
  readonly allowHalfOpen: boolean;
  readonly onread?: ReadBuffer['onread'];
}

function openTls(address: Address, secureContext: SecureContext, sessions: TlsSessions): Socket {
  const server = serverOf(address.host, address.port);
  const session = sessions.get(server);
  const socket = connectTls({
    ...address,
    // An address is not a server name (RFC 6066 3); the certificate is checked for it all the same.
    servername: isIP(address.host) === 0 ? address.host : '',
    secureContext,
    ALPNProtocols: ['http/1.1'],
    // Said although it is the default: a variable of the environment can change that.
    rejectUnauthorized: true,
    ...(session ? { session } : {}),
  });
  // Only told of a connection whose certificate was good.
  return socket.on('session', (latest: Buffer) => sessions.remember(server, latest));
}

/** Without the brackets of an IPv6 address in a URL. */
function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/** A URL leaves out the default port of its scheme. */
function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'wss:' ? 443 : 80;
}

function serverOf(host: string, port: number): string {
  return `${host} ${port}`;
}
