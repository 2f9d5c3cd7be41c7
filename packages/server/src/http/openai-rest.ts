/** openAiRest(): what OpenAI's realtime SDKs call over HTTP in a page: the signalling of WebRTC, and secrets for pages. */
import { checkList } from '../upstream/create-route.ts';
import { openAiApi } from '../upstream/presets/openai-rest.ts';
import type { HttpRoute } from './http-route.ts';
import { resolveNumbers, type Range } from './number-options.ts';
import { toRestRoutes, type RestOptions } from './rest-options.ts';

export interface OpenAiRestOptions extends RestOptions {
  /** Stands before `/v1/realtime/calls`; the base URL of the SDK is this with `/v1`. Default `/openai`; `''` for the root. */
  prefix?: string | undefined;
  /** Models that clients may ask for; `*` at the end stands for any name that begins so. Default `['gpt-realtime*']`. Another: 403. */
  models?: readonly string[] | undefined;
  /**
   * Models that may transcribe what is said in a session, and those of sessions that only transcribe. Default `['gpt-4o*', 'gpt-realtime*',
   * 'whisper-1']`. Another: 403.
   */
  transcriptionModels?: readonly string[] | undefined;
  /**
   * Longest life of the secrets that `POST /openai/v1/realtime/client_secrets` makes, from 10 to 7 200 seconds. Default: no secrets are made.
   * With one a page talks to OpenAI directly, past the limits and policies of this proxy, and may ask it for another model than that of the
   * secret.
   */
  clientSecretSeconds?: number | undefined;
  /** Time until an answer. Default 30 000 ms, at most 600 000. Beyond: 504. */
  timeoutMs?: number | undefined;
}

const RANGES: Readonly<Record<'timeoutMs', Range>> = { timeoutMs: [30_000, 1, 600_000] };
const SECRET_RANGE: Readonly<Record<'clientSecretSeconds', Range>> = { clientSecretSeconds: [10, 10, 7_200] };

/**
 * Routes to spread into `routes`, beside those of `mount('/openai', openAiRealtime({ ... }))`: `POST /openai/v1/realtime/calls`, and
 * `POST /openai/v1/realtime/client_secrets` where `clientSecretSeconds` is set. Audio and
 * messages of a call then go to OpenAI directly, past the limits and policies of this proxy: a page can set what it likes in its session.
 * @throws ConfigError when the key is missing, or another option cannot work.
 */
export function openAiRest(options: OpenAiRestOptions): Record<string, HttpRoute> {
  const name = 'openAiRest()';
  const { prefix = '/openai', clientSecretSeconds } = options;
  const models = checkList(`${name}.models`, options.models) ?? ['gpt-realtime*'];
  const transcriptionModels = checkList(`${name}.transcriptionModels`, options.transcriptionModels) ?? [
    ...['gpt-4o*', 'gpt-realtime*', 'whisper-1'],
  ];
  if (clientSecretSeconds !== undefined) resolveNumbers(name, SECRET_RANGE, { clientSecretSeconds });
  const { timeoutMs } = resolveNumbers(name, RANGES, options);
  const api = openAiApi({ models, transcriptionModels, secretSeconds: clientSecretSeconds, timeoutMs });
  return toRestRoutes(name, api, { ...options, prefix });
}
