/** A speech recogniser that takes a description and one recording, and answers with progress and a result. Data, no I/O. */
import { ConfigError } from '../../errors.ts';
import { createRoute } from '../create-route.ts';
import type { MessageRules } from '../message-hook.ts';
import type { Preset } from '../preset.ts';
import type { Route } from '../route.ts';
import { Secret } from '../secret.ts';
import { checkUpstreamUrl } from '../upstream-url.ts';
import type { ProviderKey } from '../secret-sources.ts';

export interface AsrOptions {
  /**
   * The recogniser's address. `wss:`, or `ws:` on loopback. It is often all that protects a recogniser, so that it stands in no log line, error or
   * message to a client.
   */
  url: string | undefined;
  /** Sent as `Authorization: Bearer` where the recogniser asks for a key. Default: none. */
  apiKey?: ProviderKey | undefined;
  /** Longest recording, in bytes. Default 50 MiB; above 0. A longer one closes with `TooLarge`. */
  maxRecordingBytes?: number | undefined;
  /** Longest session, in milliseconds. Default 60 000; above 0, Infinity for the proxy's own. Closes with `SessionLimit`, behind an error. */
  longestSessionMs?: number | undefined;
  /** Hooks that see the text messages. Default: none. */
  messages?: MessageRules | undefined;
}

export const ASR: Preset = {
  id: 'asr',
  title: 'Speech recogniser (meta, then audio)',
  grade: 'own',
  endpoints: {
    recogniser: {
      // Replaced by the operator's.
      url: 'wss://localhost/ws/transcribe',
      query: { only: [] },
      facts: {
        transport: 'ws',
        nativePaths: ['/ws/asr'],
        lastTypes: ['done', 'error'],
        usage: [
          {
            on: 'message',
            match: { type: 'done' },
            read: { audioSeconds: 'duration_s', transcriptionSeconds: 'inference_s' },
          },
          { on: 'audio-bytes' },
        ],
      },
    },
  },
  choice: { otherwise: 'recogniser' },
  isKeyOptional: true,
  upstreamAuth: { in: 'header', name: 'authorization', format: 'Bearer {key}' },
  clientCredential: [],
  dialect: 'asr',
  refusal: 'close',
  limits: { maxMessageBytes: 52_428_800, handshakeMs: 15_000, longestMs: 60_000 },
};

/** @throws ConfigError, without the address, when it is missing or not usable, the key cannot travel, or a limit is none. */
export function asr(options: AsrOptions): Route {
  const { url, apiKey, messages, maxRecordingBytes, longestSessionMs } = options;
  if (typeof url !== 'string' || url === '')
    throw new ConfigError('asr().url', 'is missing. Pass the address of your recogniser.');
  checkUpstreamUrl('asr().url', url);
  const limits = {
    ...ASR.limits,
    ...(maxRecordingBytes === undefined
      ? {}
      : { maxMessageBytes: limit('maxRecordingBytes', maxRecordingBytes) }),
    ...(longestSessionMs === undefined ? {} : { longestMs: limit('longestSessionMs', longestSessionMs) }),
  };
  const preset = { ...ASR, limits };
  const route = createRoute(preset, { apiKey, messages, urls: { recogniser: url } }, 'asr()');
  return { ...route, hidden: new Secret(new URL(url).hostname) };
}

function limit(name: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value;
  throw new ConfigError(`asr().${name}`, 'is not a number above 0.');
}
