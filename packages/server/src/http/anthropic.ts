/** anthropic(): Anthropic's own SDK in a page, at the proxy's address and with the user's token. */
import { ConfigError } from '../errors.ts';
import { checkList } from '../upstream/create-route.ts';
import { anthropicApi } from '../upstream/presets/anthropic.ts';
import type { HttpRoute } from './http-route.ts';
import { resolveNumbers, type Range } from './number-options.ts';
import { toRestRoutes, type RestOptions } from './rest-options.ts';

export interface AnthropicOptions extends RestOptions {
  /** Models that clients may ask for, such as `['claude-sonnet-4-5']`; `*` at the end stands for any name that begins so. Required: prices differ. Another: 403. */
  models: readonly string[] | undefined;
  /** Stands before `/v1/messages`; the base URL of the SDK ends with it. Default `/anthropic`; `''` for the root. */
  prefix?: string | undefined;
  /** The most `max_tokens` that a client may ask for. Default 4096, at most 1 000 000. Beyond: 400. */
  maxTokens?: number | undefined;
  /** Longest body of a request, in bytes. Default 4 MiB, at most 32 MiB. Beyond: 413. */
  maxBodyBytes?: number | undefined;
  /** Time until an answer, or the first word of a streamed one. Default and at most 600 000 ms. Beyond: 504. */
  timeoutMs?: number | undefined;
}

const RANGES: Readonly<Record<'maxTokens' | 'maxBodyBytes' | 'timeoutMs', Range>> = {
  maxTokens: [4_096, 1, 1_000_000],
  maxBodyBytes: [4_194_304, 1, 33_554_432],
  timeoutMs: [600_000, 1, 600_000],
};

/**
 * Routes to spread into `routes`: `POST /anthropic/v1/messages`, whole and as events, and `POST /anthropic/v1/messages/count_tokens`. Tools
 * that run in the client pass; what makes the provider call other servers or read the workspace's files is refused with 403.
 * @throws ConfigError when the key is missing, no model is named, or another option cannot work.
 */
export function anthropic(options: AnthropicOptions): Record<string, HttpRoute> {
  const name = 'anthropic()';
  const models = checkList(`${name}.models`, options.models);
  if (!models) throw new ConfigError(`${name}.models`, "is missing. Write it like ['claude-sonnet-4-5'].");
  const api = anthropicApi({ models, ...resolveNumbers(name, RANGES, options) });
  return toRestRoutes(name, api, { ...options, prefix: options.prefix ?? '/anthropic' });
}
