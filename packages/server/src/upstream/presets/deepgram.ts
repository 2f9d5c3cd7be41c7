/** Deepgram: voice agent and transcription on one route, as its component and its SDK address them. Data, no I/O. */
import { SERVICE_QUERY, isSubprotocol, type Slot } from '../../contract/index.ts';
import { ConfigError } from '../../errors.ts';
import { checkMessageRules, type MessageRules } from '../message-hook.ts';
import type { EndpointChoice, Preset } from '../preset.ts';
import type { Route } from '../route.ts';
import { Secret } from '../secret.ts';
import type { VendorFacts } from '../vendor-facts.ts';
import { checkUpstreamUrl } from '../upstream-url.ts';

export interface DeepgramOptions {
  /** The Deepgram API key. White space around it is removed. Never leaves the server except in the upstream handshake. */
  apiKey: string | undefined;
  /** Voice agent endpoint. Default: Deepgram's. `wss:`, or `ws:` on loopback. */
  agentUrl?: string | undefined;
  /** Transcription endpoint. Default: Deepgram's. `wss:`, or `ws:` on loopback. */
  listenUrl?: string | undefined;
  /** Hooks that see the text messages. Default: none, messages pass unopened. */
  messages?: MessageRules | undefined;
}

const AGENT_URL = 'wss://agent.deepgram.com/v1/agent/converse';
const LISTEN_URL = 'wss://api.deepgram.com/v1/listen';

/** Deepgram fetches or posts to whatever these name, with the operator's account. */
const DENIED = ['callback', 'callback_method'];
/** A name, not a path or an address. */
const MODEL_NAME = '[A-Za-z0-9._-]{1,64}';
const RULES = { pin: {}, allow: { model: MODEL_NAME }, deny: DENIED };
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
  byPath: { transcription: 'listen', '/listen': 'listen' },
  byParameters: { listen: LISTEN_PARAMETERS },
  otherwise: 'agent',
};

/** Deepgram's documentation: agent keepalive and longest session, listen keepalive, token grants. */
const AGENT_FACTS: VendorFacts = {
  transport: 'ws',
  nativePaths: ['/v1/agent/converse'],
  keepalive: { upstreamIdleMs: 10_000, text: '{"type":"KeepAlive"}', everyMs: 8_000 },
  longestSessionMs: 7_200_000,
  usage: [{ on: 'wall-clock' }],
};
const LISTEN_FACTS: VendorFacts = {
  transport: 'ws',
  nativePaths: ['/v1/listen'],
  keepalive: { upstreamIdleMs: 10_000, text: '{"type":"KeepAlive"}', everyMs: 4_000 },
  usage: [{ on: 'message', type: 'Metadata', read: { audioSeconds: 'duration' } }, { on: 'audio-bytes' }],
  ephemeral: {
    method: 'POST',
    url: 'https://api.deepgram.com/v1/auth/grant',
    tokenPath: 'access_token',
    lifePath: 'expires_in',
    longestLifeMs: 3_600_000,
    isSingleUse: false,
  },
};

const SLOTS: readonly Slot[] = [
  { in: 'subprotocol', values: ['token', '{key}'] },
  { in: 'subprotocol', values: ['bearer', '{key}'] },
  { in: 'header', name: 'authorization', format: 'Token {key}' },
];

/**
 * A route to Deepgram's voice agent and transcription.
 * @throws ConfigError when the key is missing or cannot travel in a subprotocol, or a URL is not usable.
 */
export function deepgram(options: DeepgramOptions): Route {
  return {
    preset: deepgramPreset(options),
    secret: new Secret(checkKey(options.apiKey)),
    messages: checkMessageRules('deepgram().messages', options.messages),
  };
}

function deepgramPreset({ agentUrl = AGENT_URL, listenUrl = LISTEN_URL }: DeepgramOptions): Preset {
  return {
    id: 'deepgram',
    title: 'Deepgram',
    endpoints: {
      agent: {
        url: checkUpstreamUrl('deepgram().agentUrl', agentUrl),
        query: { ...RULES, defaults: {}, defaultsUnless: [] },
        facts: AGENT_FACTS,
      },
      listen: {
        url: checkUpstreamUrl('deepgram().listenUrl', listenUrl),
        query: {
          ...RULES,
          defaults: LISTEN_DEFAULTS,
          defaultsUnless: [...LISTEN_PARAMETERS, ...MODEL_PARAMETERS],
        },
        facts: LISTEN_FACTS,
      },
    },
    choice: CHOICE,
    upstreamAuth: { in: 'subprotocol', values: ['token', '{key}'] },
    clientCredential: SLOTS,
    dialect: 'deepgram',
    refusal: 'http',
    limits: { maxMessageBytes: 16_777_216, handshakeMs: 10_000 },
  };
}

function checkKey(apiKey: string | undefined): string {
  const key = apiKey?.trim() ?? '';
  if (key === '') {
    throw new ConfigError(
      'deepgram().apiKey',
      'is missing. Pass your Deepgram key, e.g. process.env.DEEPGRAM_API_KEY.',
    );
  }
  if (!isSubprotocol(key)) {
    throw new ConfigError(
      'deepgram().apiKey',
      'has a character that cannot travel in a WebSocket subprotocol (a space, quote, comma, slash or the like). ' +
        'Copy the key again without what stands around it.',
    );
  }
  return key;
}
