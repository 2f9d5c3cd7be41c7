/** Which pages may connect: the Origin header, compared exactly after parsing (cross-site WebSocket hijacking). */
import { ConfigError } from '../errors.ts';

export interface OriginPolicy {
  /**
   * `host` is the request's Host header; `isEncrypted` whether TLS ends here, where a page of the same host is an https
   * page. Behind a proxy that ends TLS only the host is compared.
   */
  allows(origin: string | undefined, host: string, isEncrypted: boolean): boolean;
}

export interface OriginOptions {
  /** Allowed origins; `https://*.example.com` allows one label in place of the star. Default: pages of the same host. */
  origins?: readonly string[] | undefined;
  /** Whether clients that send no Origin (everything but browsers) may connect. Default: true. */
  allowNoOrigin?: boolean | undefined;
}

/** @throws ConfigError for an entry that is not an origin. */
export function createOriginPolicy(options: OriginOptions): OriginPolicy {
  const listed = options.origins?.map(toMatcher);
  const allowNoOrigin = options.allowNoOrigin ?? true;
  return {
    allows(origin, host, isEncrypted) {
      if (origin === undefined) return allowNoOrigin;
      const parsed = parseOrigin(origin);
      if (listed) return listed.some((matches) => matches(origin, parsed));
      if (!parsed || (isEncrypted && parsed.scheme !== 'https:')) return false;
      return parsed.host === hostOf(parsed.scheme, host);
    },
  };
}

interface Origin {
  /** With its colon. */
  readonly scheme: string;
  /** Lower case, punycode, without a trailing dot or a default port. */
  readonly host: string;
}

type Matcher = (origin: string, parsed: Origin | undefined) => boolean;

function toMatcher(entry: string): Matcher {
  if (entry === 'null') return (origin) => origin === 'null';
  const star = /^([a-z][a-z0-9+.-]*:)\/\/\*(\.[^*]+)?$/i.exec(entry);
  if (star) return starMatcher(entry, (star[1] ?? '').toLowerCase(), star[2]);
  const listed = entry.includes('*') ? undefined : parseOrigin(entry);
  if (!listed) throw notAnOrigin(entry);
  return (_, parsed) => parsed?.scheme === listed.scheme && parsed.host === listed.host;
}

/** `https://*.example.com` stands for one label before the dot, `vscode-webview://*` for any host. */
function starMatcher(entry: string, scheme: string, domain: string | undefined): Matcher {
  const suffix = domain === undefined ? '' : (parseOrigin(`${scheme}//a${domain}`)?.host.slice(1) ?? '');
  // A suffix that did not parse would be empty, and an empty one fits every host.
  const isUsable = domain === undefined ? !/^https?:$/.test(scheme) : /^\.[^.]/.test(suffix);
  if (!isUsable) throw notAnOrigin(entry);
  return (_, parsed) => {
    if (parsed?.scheme !== scheme || !parsed.host.endsWith(suffix)) return false;
    const label = parsed.host.slice(0, parsed.host.length - suffix.length);
    return label !== '' && (suffix === '' || !label.includes('.'));
  };
}

function notAnOrigin(entry: string): ConfigError {
  return new ConfigError(
    'origins',
    `${JSON.stringify(entry)} is not an origin. Write scheme, host and port only.`,
  );
}

/** Undefined for everything that is not exactly scheme, host and port (RFC 6454 6.2), such as two joined headers. */
function parseOrigin(text: string): Origin | undefined {
  const match = /^([a-z][a-z0-9+.-]*:)\/\/([^/?#@\s,\\\p{Cc}]+)$/iu.exec(text);
  if (!match || !toUrl(text)) return undefined;
  const scheme = (match[1] ?? '').toLowerCase();
  const host = hostOf(scheme, match[2] ?? '');
  return host === '' ? undefined : { scheme, host };
}

/** A host and port as they compare; empty when they are not one. */
function hostOf(scheme: string, host: string): string {
  const url = toUrl(`${scheme}//${host}`);
  if (!url) return '';
  const { hostname, port } = url;
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return port === '' ? name : `${name}:${port}`;
}

/** Not URL.canParse: once compiled, that of Node 20 refuses hosts with letters such as ü. */
function toUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
