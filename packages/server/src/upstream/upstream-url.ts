/** Where an operator may point a route: encrypted, unless the upstream is on this machine. */
import { isIP } from 'node:net';
import { ConfigError } from '../errors.ts';

/** Returns the URL unchanged. @throws ConfigError naming `option` when it is not a usable upstream. */
export function checkUpstreamUrl(option: string, text: string): string {
  if (/\s/.test(text)) throw new ConfigError(option, 'has white space in it. Remove it.');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new ConfigError(option, 'is not a URL. Write it like wss://api.example.com/v1/path.');
  if (url.protocol !== 'wss:' && url.protocol !== 'ws:') {
    throw new ConfigError(
      option,
      `starts with ${url.protocol}, but an upstream socket is wss: (or ws: on loopback).`,
    );
  }
  if (url.protocol === 'ws:' && !isLoopback(url.hostname)) {
    throw new ConfigError(
      option,
      'is not encrypted. Use wss:; plain ws: is for upstreams on this machine only.',
    );
  }
  if (url.username !== '' || url.password !== '' || /[?#]/.test(text)) {
    throw new ConfigError(
      option,
      'must not hold credentials, a query or a fragment. Leave only scheme, host and path.',
    );
  }
  return text;
}

/** True for the names of this machine as a URL writes them; a name that merely resolves to it is not one. */
export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]') return true;
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}
