/** elevenLabsRest(): the calls over HTTP of ElevenLabs' own SDK in a page. */
import { checkList } from '../upstream/create-route.ts';
import { elevenLabsApi } from '../upstream/presets/elevenlabs-rest.ts';
import type { HttpRoute } from './http-route.ts';
import { resolveNumbers, type Range } from './number-options.ts';
import { toRestRoutes, type RestOptions } from './rest-options.ts';

export interface ElevenLabsRestOptions extends RestOptions {
  /** Stands before `/v1/text-to-speech/...`; the base URL of the SDK ends with it. Default `/elevenlabs`; `''` for the root. */
  prefix?: string | undefined;
  /** Ids of voices that may speak. Default `['*']`: all that the key has. Another: 403. */
  voices?: readonly string[] | undefined;
  /** Values of `model_id`; `*` at the end stands for any name that begins so. Default `['eleven_*']`. Another: 403. With a list of yours: none: 400. */
  models?: readonly string[] | undefined;
  /**
   * Ids of the agents for which pages get an address or a token, with which they talk to ElevenLabs directly, past the limits and policies of
   * this proxy. Default: none, and no such paths. Another: 403.
   */
  agents?: readonly string[] | undefined;
  /** Time until an answer. Default 60 000 ms, at most 600 000. Beyond: 504. */
  timeoutMs?: number | undefined;
}

const RANGES: Readonly<Record<'timeoutMs', Range>> = { timeoutMs: [60_000, 1, 600_000] };

/**
 * Routes to spread into `routes`: `POST /elevenlabs/v1/text-to-speech/{voice_id}` and `.../stream`, and with `agents` also `GET
 * /elevenlabs/v1/convai/conversation/get-signed-url` and `.../token`.
 * @throws ConfigError when the key is missing, or another option cannot work.
 */
export function elevenLabsRest(options: ElevenLabsRestOptions): Record<string, HttpRoute> {
  const name = 'elevenLabsRest()';
  const { prefix = '/elevenlabs' } = options;
  const api = elevenLabsApi({
    voices: checkList(`${name}.voices`, options.voices) ?? ['*'],
    models: checkList(`${name}.models`, options.models),
    agents: checkList(`${name}.agents`, options.agents),
    ...resolveNumbers(name, RANGES, options),
  });
  return toRestRoutes(name, api, { ...options, prefix });
}
