/** Where an operator may point an HTTP route: encrypted, unless the upstream is on this machine. */
import { ConfigError } from '../errors.ts';
import { isLoopback } from './upstream-url.ts';

/** Returns the URL unchanged. @throws ConfigError naming `option` when it is not a usable upstream; it is not repeated. */
export function checkHttpUrl(option: string, text: string): string {
  const url = !/\s/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new ConfigError(option, 'is not a URL. Write it like https://api.example.com/v1/path.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new ConfigError(option, `starts with ${url.protocol}, but this upstream speaks HTTP. Use https:.`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new ConfigError(
      option,
      'is not encrypted. Use https:; plain http: is for upstreams on this machine only.',
    );
  if (url.username !== '' || url.password !== '' || /[?#]/.test(text))
    throw new ConfigError(
      option,
      'must not hold credentials, a query or a fragment. Leave only scheme, host and path.',
    );
  return text;
}
