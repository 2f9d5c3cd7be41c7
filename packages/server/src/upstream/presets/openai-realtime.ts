/** OpenAI's realtime API over WebSocket: conversations with a model, and transcription. Data, no I/O. */
import { checkList, createRoute } from '../create-route.ts';
import type { MessageRules } from '../message-hook.ts';
import { OPENAI_REALTIME_POLICY } from '../policy/defaults-openai-realtime.ts';
import type { Preset } from '../preset.ts';
import type { Route } from '../route.ts';
import { checkUpstreamUrl } from '../upstream-url.ts';
import { OPENAI_AUDIO, OPENAI_LIMITS, OPENAI_SLOTS, OPENAI_USAGE } from './openai-facts.ts';
import type { ProviderKey } from '../secret-sources.ts';

export interface OpenAiRealtimeOptions {
  /** The OpenAI API key. White space around it is removed. Never leaves the server except in the upstream handshake. */
  apiKey: ProviderKey | undefined;
  /** Models that clients may ask for, such as `['gpt-realtime']`; `*` at the end stands for any name that begins so. Default `['gpt-realtime*']`. Another closes with `PolicyViolation`. */
  models?: readonly string[] | undefined;
  /** In place of OpenAI's own address, for APIs of the same dialect. `wss:`, or `ws:` on loopback. */
  url?: string | undefined;
  /** Hooks that see the text messages which the policy lets pass. Default: none. */
  messages?: MessageRules | undefined;
}

export const OPENAI_REALTIME: Preset = {
  id: 'openai-realtime',
  title: 'OpenAI Realtime',
  grade: 'verified',
  endpoints: {
    realtime: {
      url: 'wss://api.openai.com/v1/realtime',
      query: {
        // `call_id` joins a call that somebody else is in.
        deny: ['call_id'],
        allow: { intent: 'transcription' },
        listed: { model: ['gpt-realtime*'] },
        required: [['model', 'intent']],
      },
      facts: {
        transport: 'ws',
        nativePaths: ['/v1/realtime'],
        longestSessionMs: 3_600_000,
        audio: OPENAI_AUDIO,
        usage: OPENAI_USAGE,
        ephemeral: {
          method: 'POST',
          url: 'https://api.openai.com/v1/realtime/client_secrets',
          lifeParameter: 'expires_after.seconds',
          body: { expires_after: { anchor: 'created_at' } },
          tokenPath: 'value',
          longestLifeMs: 7_200_000,
          isSingleUse: false,
        },
      },
    },
  },
  choice: { otherwise: 'realtime' },
  upstreamAuth: { in: 'header', name: 'authorization', format: 'Bearer {key}' },
  clientCredential: OPENAI_SLOTS,
  subprotocol: { offer: ['realtime'] },
  dialect: 'openai',
  refusal: 'close',
  limits: OPENAI_LIMITS,
  policy: OPENAI_REALTIME_POLICY,
};

/**
 * A route to OpenAI's realtime API.
 * @throws ConfigError when the key is missing or cannot travel in a header, the URL is not usable, or `models` is no list of names.
 */
export function openAiRealtime({ apiKey, models, url, messages }: OpenAiRealtimeOptions): Route {
  const name = 'openAiRealtime()';
  if (url !== undefined) checkUpstreamUrl(`${name}.url`, url);
  const listed = { model: checkList(`${name}.models`, models) };
  return createRoute(OPENAI_REALTIME, { apiKey, messages, listed, urls: { realtime: url } }, name);
}
