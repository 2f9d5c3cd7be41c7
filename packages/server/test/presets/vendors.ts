/** Providers by the slots of their SDKs: where the user's token stands in an upgrade, and where the key stands upstream. */
import {
  azureOpenAi,
  createRoute,
  deepgram,
  definePreset,
  elevenLabsAgents,
  openAiRealtime,
  websocket,
} from '../../src/index.ts';
import type { Preset, Route } from '../../src/index.ts';

export const KEY = 'the-key-of-the-provider-0123456789';

/** An upgrade as an SDK makes it. */
export interface Asked {
  readonly query?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export interface VendorSlot {
  readonly slot: string;
  readonly ask: (token: string) => Asked;
  /** The subprotocol that the SDK must be answered; what it is with the token in it where that is the only one offered. */
  readonly echo?: string | ((token: string) => string);
}

export interface Vendor {
  readonly vendor: string;
  readonly toRoute: (url: string) => Route;
  /** What the SDK asks for beside its credential. */
  readonly query: string;
  /** Lines that the upstream must see. */
  readonly upstream: readonly string[];
  readonly slots: readonly VendorSlot[];
}

const openAiSlots: readonly VendorSlot[] = [
  {
    slot: 'subprotocol with a prefix, among others',
    ask: (token) => ({
      protocols: [
        'realtime',
        `openai-insecure-api-key.${token}`,
        'openai-organization.org-1',
        'openai-agents-sdk.0.20',
      ],
    }),
    echo: 'realtime',
  },
  { slot: 'Authorization header', ask: (token) => ({ headers: { Authorization: `Bearer ${token}` } }) },
];

/** A provider whose SDK offers its key and nothing else, as Sarvam's does, and dials again after any close. */
const only: Preset = definePreset({
  ...websocket({ url: 'ws://127.0.0.1:9/x', apiKey: KEY }).preset,
  clientCredential: [{ in: 'subprotocol', values: ['api-subscription-key.{key}'] }],
  subprotocol: { echo: 'any' },
  refusal: 'http',
});

export const VENDORS: readonly Vendor[] = [
  {
    vendor: 'deepgram',
    toRoute: (url) => deepgram({ apiKey: KEY, agentUrl: url, listenUrl: url }),
    query: 'encoding=linear16',
    upstream: [`Sec-WebSocket-Protocol: token,${KEY}`],
    slots: [
      {
        slot: 'subprotocol pair, among others',
        ask: (token) => ({ protocols: ['token', token, 'x-deepgram-session-id', 'some-uuid'] }),
        echo: 'token',
      },
      {
        slot: 'subprotocol pair of a token',
        ask: (token) => ({ protocols: ['bearer', token] }),
        echo: 'bearer',
      },
      { slot: 'Authorization header', ask: (token) => ({ headers: { Authorization: `Token ${token}` } }) },
    ],
  },
  {
    vendor: 'openai-realtime',
    toRoute: (url) => openAiRealtime({ apiKey: KEY, url }),
    query: 'model=gpt-realtime',
    upstream: [`authorization: Bearer ${KEY}`, 'Sec-WebSocket-Protocol: realtime'],
    slots: openAiSlots,
  },
  {
    vendor: 'azure-openai',
    toRoute: (url) => azureOpenAi({ apiKey: KEY, deployments: ['talk'], url }),
    query: 'model=talk',
    upstream: [`api-key: ${KEY}`],
    slots: [
      { slot: 'query parameter', ask: (token) => ({ query: `api-key=${token}` }) },
      { slot: 'query parameter, its name encoded', ask: (token) => ({ query: `api%2dke%79=${token}` }) },
      { slot: 'header', ask: (token) => ({ headers: { 'Api-Key': token } }) },
      ...openAiSlots,
    ],
  },
  {
    vendor: 'elevenlabs-agents',
    toRoute: (url) => elevenLabsAgents({ apiKey: KEY, agents: ['agent_1'], url }),
    query: 'agent_id=agent_1&source=js_sdk&version=1.25.0',
    upstream: [`xi-api-key: ${KEY}`, 'Sec-WebSocket-Protocol: convai'],
    slots: [
      {
        slot: 'subprotocol with a prefix',
        ask: (token) => ({ protocols: ['convai', `bearer.${token}`] }),
        echo: 'convai',
      },
      { slot: 'header', ask: (token) => ({ headers: { 'xi-api-key': token } }) },
    ],
  },
  {
    vendor: 'a provider by websocket()',
    toRoute: (url) =>
      websocket({
        url,
        apiKey: KEY,
        upstreamAuth: { in: 'query', name: 'api key', format: '{key}' },
        clientCredential: [{ in: 'query', name: 'key', format: '{key}' }],
      }),
    query: 'a=1',
    upstream: [`GET /x?a=1&api%20key=${KEY} HTTP/1.1`],
    slots: [
      { slot: 'query parameter', ask: (token) => ({ query: `key=${token}` }) },
      { slot: 'query parameter twice', ask: (token) => ({ query: `key=${token}&k%65y=${token}` }) },
    ],
  },
  {
    vendor: 'a provider whose only subprotocol is the key',
    toRoute: (url) => createRoute(only, { apiKey: KEY, urls: { socket: url } }),
    query: 'a=1',
    upstream: [`authorization: Bearer ${KEY}`],
    slots: [
      {
        slot: 'subprotocol with a prefix, alone',
        ask: (token) => ({ protocols: [`api-subscription-key.${token}`] }),
        echo: (token) => `api-subscription-key.${token}`,
      },
    ],
  },
];
