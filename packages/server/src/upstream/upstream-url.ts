/** Where an operator may point a route: encrypted, unless the upstream is on this machine. */
import { isIP } from 'node:net';
import { ConfigError } from '../errors.ts';

/** How an upstream is reached, in the words of errors. */
export interface UrlKind {
  readonly encrypted: string;
  readonly plain: string;
  readonly example: string;
  /** Follows what the URL starts with. */
  readonly otherScheme: string;
}

const SOCKET: UrlKind = {
  encrypted: 'wss:',
  plain: 'ws:',
  example: 'wss://api.example.com/v1/path',
  otherScheme: 'but an upstream socket is wss: (or ws: on loopback).',
};

/** Returns the URL unchanged. @throws ConfigError naming `option` when it is not a usable upstream. */
export function checkUpstreamUrl(option: string, text: string): string {
  if (/\s/.test(text)) throw new ConfigError(option, 'has white space in it. Remove it.');
  return checkUrl(option, text, SOCKET);
}

/** The same for an upstream of this kind. The URL itself is not repeated by an error. */
export function checkUrl(option: string, text: string, kind: UrlKind): string {
  const { encrypted, plain, example, otherScheme } = kind;
  const url = !/\s/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new ConfigError(option, `is not a URL. Write it like ${example}.`);
  if (url.protocol !== encrypted && url.protocol !== plain)
    throw new ConfigError(option, `starts with ${url.protocol}, ${otherScheme}`);
  if (url.protocol === plain && !isLoopback(url.hostname))
    throw new ConfigError(
      option,
      `is not encrypted. Use ${encrypted}; plain ${plain} is for upstreams on this machine only.`,
    );
  if (url.username !== '' || url.password !== '' || /[?#]/.test(text))
    throw new ConfigError(
      option,
      'must not hold credentials, a query or a fragment. Leave only scheme, host and path.',
    );
  return text;
}

/** True for the names of this machine as a URL writes them; a name that merely resolves to it is not one. */
export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]') return true;
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}
