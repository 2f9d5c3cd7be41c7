/** Deepgram: voice agent, transcription and speech, as its component and its SDK address them. Data, no I/O. */
import { NORMAL_CLOSURE, SERVICE_QUERY, type Slot } from '../../contract/index.ts';
import { checkList, createRoute } from '../create-route.ts';
import type { MessageRules } from '../message-hook.ts';
import { DEEPGRAM_POLICY } from '../policy/defaults-deepgram.ts';
import type { Endpoint, EndpointChoice, Preset, QueryRules } from '../preset.ts';
import type { Route } from '../route.ts';
import { checkUpstreamUrl } from '../upstream-url.ts';
import type { ProviderKey } from '../secret-sources.ts';

export interface DeepgramOptions {
  /** The Deepgram API key. White space around it is removed. Never leaves the server except in the upstream handshake. */
  apiKey: ProviderKey | undefined;
  /** Voice agent endpoint. Default: Deepgram's. `wss:`, or `ws:` on loopback. */
  agentUrl?: string | undefined;
  /** Transcription endpoint. Default: Deepgram's. `wss:`, or `ws:` on loopback. */
  listenUrl?: string | undefined;
  /** Transcription with turns (v2). Default: Deepgram's. `wss:`, or `ws:` on loopback. */
  listenV2Url?: string | undefined;
  /** Speech endpoint. Default: Deepgram's. `wss:`, or `ws:` on loopback. */
  speakUrl?: string | undefined;
  /**
   * Values that `model` may have, such as `['nova-3', 'nova-2-*']`; `*` at the end stands for any name that begins so. Default: Deepgram's own
   * families. Another closes with `PolicyViolation`.
   */
  models?: readonly string[] | undefined;
  /** Hooks that see the text messages which the policy lets pass. Default: none. */
  messages?: MessageRules | undefined;
}

/** Deepgram fetches or posts to whatever these name, with the operator's account. */
const DENIED = ['callback', 'callback_method'];
/** A name, not a path or an address. */
const MODEL_NAME = '[A-Za-z0-9._-]{1,64}';
const RULES: QueryRules = { allow: { model: MODEL_NAME }, deny: DENIED };
/** Deepgram's own families. */
export const LISTEN_MODELS: readonly string[] = ['nova*', 'enhanced*', 'base*', 'whisper*'];
export const SPEAK_MODELS: readonly string[] = ['aura*'];
const LISTEN_PARAMETERS = [
  'encoding',
  'sample_rate',
  'channels',
  'interim_results',
  'utterance_end_ms',
  'vad_events',
];
const MODEL_PARAMETERS = ['model', 'language', 'smart_format', 'punctuate', 'endpointing', 'diarize'];

/** What the component means when it sends `service=transcription` alone: its microphone, in its own format. */
const LISTEN_DEFAULTS = {
  model: 'nova-3',
  encoding: 'linear16',
  sample_rate: '16000',
  channels: '1',
  interim_results: 'true',
  smart_format: 'true',
};

const CHOICE: EndpointChoice = {
  byQuery: { name: SERVICE_QUERY, values: { agent: 'agent', transcription: 'listen' } },
  byPath: { '/v2/listen': 'listenV2', transcription: 'listen', '/listen': 'listen', '/v1/speak': 'speak' },
  byParameters: { listen: LISTEN_PARAMETERS },
  otherwise: 'agent',
};

/** Deepgram's documentation: agent keepalive and longest session, listen keepalive, token grants. */
const KEEP_ALIVE = { upstreamIdleMs: 10_000, text: '{"type":"KeepAlive"}' };
const LISTEN_END = '{"type":"CloseStream"}';
const GRANT = {
  method: 'POST',
  url: 'https://api.deepgram.com/v1/auth/grant',
  lifeParameter: 'ttl_seconds',
  tokenPath: 'access_token',
  lifePath: 'expires_in',
  longestLifeMs: 3_600_000,
  isSingleUse: false,
} as const;
const LISTEN_USAGE = [
  { on: 'message', match: { type: 'Metadata' }, read: { audioSeconds: 'duration' } },
  { on: 'audio-bytes' },
] as const;

const AGENT: Endpoint = {
  url: 'wss://agent.deepgram.com/v1/agent/converse',
  query: RULES,
  facts: {
    transport: 'ws',
    nativePaths: ['/v1/agent/converse'],
    keepalive: { ...KEEP_ALIVE, everyMs: 8_000 },
    longestSessionMs: 7_200_000,
    usage: [{ on: 'wall-clock' }],
  },
};
const LISTEN: Endpoint = {
  url: 'wss://api.deepgram.com/v1/listen',
  query: {
    ...RULES,
    listed: { model: LISTEN_MODELS },
    defaults: LISTEN_DEFAULTS,
    defaultsUnless: [...LISTEN_PARAMETERS, ...MODEL_PARAMETERS],
  },
  facts: {
    transport: 'ws',
    nativePaths: ['/v1/listen'],
    keepalive: { ...KEEP_ALIVE, everyMs: 4_000 },
    lastText: LISTEN_END,
    usage: LISTEN_USAGE,
    ephemeral: GRANT,
  },
};
const LISTEN_V2: Endpoint = {
  url: 'wss://api.deepgram.com/v2/listen',
  query: { ...RULES, listed: { model: ['flux*'] } },
  facts: {
    transport: 'ws',
    nativePaths: ['/v2/listen'],
    lastText: LISTEN_END,
    usage: [{ on: 'audio-bytes' }],
    ephemeral: GRANT,
  },
};
const SPEAK: Endpoint = {
  url: 'wss://api.deepgram.com/v1/speak',
  query: { ...RULES, listed: { model: SPEAK_MODELS } },
  facts: { transport: 'ws', nativePaths: ['/v1/speak'], usage: [{ on: 'wall-clock' }], ephemeral: GRANT },
};

const SLOTS: readonly Slot[] = [
  { in: 'subprotocol', values: ['token', '{key}'] },
  { in: 'subprotocol', values: ['bearer', '{key}'] },
  { in: 'header', name: 'authorization', format: 'Token {key}' },
];

export const DEEPGRAM: Preset = {
  id: 'deepgram',
  title: 'Deepgram',
  grade: 'verified',
  endpoints: { agent: AGENT, listen: LISTEN, listenV2: LISTEN_V2, speak: SPEAK },
  choice: CHOICE,
  upstreamAuth: { in: 'subprotocol', values: ['token', '{key}'] },
  clientCredential: SLOTS,
  dialect: 'deepgram',
  refusal: 'http',
  // Its SDK dials up to thirty times after any other close.
  closeCodes: { authFailed: NORMAL_CLOSURE, quota: NORMAL_CLOSURE, final: NORMAL_CLOSURE },
  limits: { maxMessageBytes: 16_777_216, handshakeMs: 10_000 },
  policy: DEEPGRAM_POLICY,
};

/**
 * A route to Deepgram's voice agent, transcription and speech.
 * @throws ConfigError when the key is missing or cannot travel in a subprotocol, or a URL is not usable.
 */
export function deepgram(options: DeepgramOptions): Route {
  const { apiKey, messages, models, agentUrl, listenUrl, listenV2Url, speakUrl } = options;
  const given = { agentUrl, listenUrl, listenV2Url, speakUrl };
  for (const [name, url] of Object.entries(given))
    if (url !== undefined) checkUpstreamUrl(`deepgram().${name}`, url);
  const urls = { agent: agentUrl, listen: listenUrl, listenV2: listenV2Url, speak: speakUrl };
  const listed = { model: checkList('deepgram().models', models) };
  return createRoute(DEEPGRAM, { apiKey, messages, urls, listed }, 'deepgram()');
}
