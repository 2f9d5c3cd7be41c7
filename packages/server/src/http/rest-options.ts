/** The options that all of the presets for REST APIs have: their meaning, defaults and validation. */
import type { HttpApi } from '../upstream/http-api.ts';
import { checkHttpUrl } from '../upstream/http-url.ts';
import { checkPrefix } from '../upstream/mount.ts';
import { toKeys } from '../upstream/provider-key.ts';
import type { ProviderKey } from '../upstream/secret-sources.ts';
import type { HttpRoute } from './http-route.ts';
import { resolveNumbers, type Range } from './number-options.ts';
import { passthrough } from './passthrough.ts';

export interface RestOptions {
  /** The provider's API key. White space around it is removed. Never leaves the server except in requests to the provider. */
  apiKey: ProviderKey | undefined;
  /** In place of the provider's own address, without the paths of its calls. `https:`, or `http:` on loopback. */
  baseUrl?: string | undefined;
  /** Calls of one user, or of one address without users, in one window, all calls of the preset together; bad ones count. Default 60. Beyond: 429. */
  requestsPerWindow?: number | undefined;
  /** Default 60 000 ms, at most a day. */
  windowMs?: number | undefined;
}

const RANGES: Readonly<Record<'requestsPerWindow' | 'windowMs', Range>> = {
  requestsPerWindow: [60, 1, 100_000],
  windowMs: [60_000, 1_000, 86_400_000],
};

/** The routes of an API, checked. `name` is the function's, such as `anthropic()`. @throws ConfigError that names the option that cannot work. */
export function toRestRoutes(
  name: string,
  api: HttpApi,
  options: RestOptions & { readonly prefix: string },
): Record<string, HttpRoute> {
  const { apiKey, prefix } = options;
  checkPrefix(`${name}.prefix`, prefix, api.id);
  const baseUrl = checkHttpUrl(`${name}.baseUrl`, options.baseUrl ?? api.baseUrl);
  const { requestsPerWindow: max, windowMs } = resolveNumbers(name, RANGES, options);
  return passthrough({
    api: { ...api, baseUrl },
    keys: toKeys(`${name}.apiKey`, apiKey, api.upstreamAuth, api.title),
    prefix,
    rate: { max, windowMs, message: `Maximum ${max} requests per ${windowMs / 1000} seconds` },
  });
}
