/** Where an operator may point an HTTP route. */
import { checkUrl, type UrlKind } from './upstream-url.ts';

const HTTP: UrlKind = {
  encrypted: 'https:',
  plain: 'http:',
  example: 'https://api.example.com/v1/path',
  otherScheme: 'but this upstream speaks HTTP. Use https:.',
};

/** Returns the URL unchanged. @throws ConfigError naming `option` when it is not a usable upstream; it is not repeated. */
export function checkHttpUrl(option: string, text: string): string {
  return checkUrl(option, text, HTTP);
}
