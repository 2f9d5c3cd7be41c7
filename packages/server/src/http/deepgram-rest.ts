/** deepgramRest(): the calls over HTTP of Deepgram's own SDK in a page. */
import { checkList } from '../upstream/create-route.ts';
import { deepgramApi } from '../upstream/presets/deepgram-rest.ts';
import type { HttpRoute } from './http-route.ts';
import { resolveNumbers, type Range } from './number-options.ts';
import { toRestRoutes, type RestOptions } from './rest-options.ts';

export interface DeepgramRestOptions extends RestOptions {
  /** Stands before `/v1/listen` and the others; the base URL of the SDK ends with it. Default `/deepgram`; `''` for the root. */
  prefix?: string | undefined;
  /**
   * Values of `model` for transcription; `*` at the end stands for any name that begins so. Default: Deepgram's own families. Another: 403. Who
   * names none gets the first whole name of the list; without one: 400.
   */
  models?: readonly string[] | undefined;
  /** Values of `model` for speech, in the same way. Default `['aura*']`. */
  voices?: readonly string[] | undefined;
  /** Longest recording, in bytes. Default 50 MiB, at most 1 GiB. Beyond: 413. */
  maxAudioBytes?: number | undefined;
  /** Time until an answer, once all is sent. Default 120 000 ms, at most 600 000. Beyond: 504. */
  timeoutMs?: number | undefined;
}

const RANGES: Readonly<Record<'maxAudioBytes' | 'timeoutMs', Range>> = {
  maxAudioBytes: [52_428_800, 1, 1_073_741_824],
  timeoutMs: [120_000, 1, 600_000],
};

/**
 * Routes to spread into `routes`, beside those of `mount('/deepgram', deepgram({ ... }))`: `POST /deepgram/v1/listen` for recordings, `POST
 * /deepgram/v1/speak` and `POST /deepgram/v1/read` for texts. What Deepgram would fetch or post to, a `url` or a `callback`, is refused.
 * @throws ConfigError when the key is missing, or another option cannot work.
 */
export function deepgramRest(options: DeepgramRestOptions): Record<string, HttpRoute> {
  const name = 'deepgramRest()';
  const { prefix = '/deepgram' } = options;
  const models = checkList(`${name}.models`, options.models);
  const voices = checkList(`${name}.voices`, options.voices);
  const api = deepgramApi({ models, voices, ...resolveNumbers(name, RANGES, options) });
  return toRestRoutes(name, api, { ...options, prefix });
}
