/** ElevenLabs' conversational agents over WebSocket. Data, no I/O. */
import { ConfigError } from '../../errors.ts';
import { checkList, createRoute } from '../create-route.ts';
import type { MessageRules } from '../message-hook.ts';
import { ELEVENLABS_POLICY } from '../policy/defaults-elevenlabs.ts';
import type { Preset } from '../preset.ts';
import type { Route } from '../route.ts';
import { checkUpstreamUrl } from '../upstream-url.ts';
import type { ProviderKey } from '../secret-sources.ts';

export interface ElevenLabsAgentsOptions {
  /** The ElevenLabs API key. White space around it is removed. Never leaves the server except in the upstream handshake. */
  apiKey: ProviderKey | undefined;
  /** Ids of the agents that clients may talk to; the key could start any agent of the workspace. Required. Another closes with `PolicyViolation`. */
  agents: readonly string[] | undefined;
  /** Where the data stays: `us`, or the isolated regions `eu`, `in`, `sg`. Default `global`. */
  region?: 'global' | 'us' | 'eu' | 'in' | 'sg' | undefined;
  /** In place of ElevenLabs' own address. `wss:`, or `ws:` on loopback. */
  url?: string | undefined;
  /** Hooks that see the text messages which the policy lets pass. Default: none. */
  messages?: MessageRules | undefined;
}

export const ELEVENLABS_AGENTS: Preset = {
  id: 'elevenlabs-agents',
  title: 'ElevenLabs Agents',
  grade: 'verified',
  variables: {
    region: {
      by: 'operator',
      values: {
        global: 'api',
        us: 'api.us',
        eu: 'api.eu.residency',
        in: 'api.in.residency',
        sg: 'api.sg.residency',
      },
      default: 'global',
    },
  },
  endpoints: {
    conversation: {
      url: 'wss://{region}.elevenlabs.io/v1/convai/conversation',
      query: {
        listed: { agent_id: [] },
        required: [['agent_id']],
        // What stood in a signed URL was for another connection.
        only: ['agent_id', 'source', 'version'],
      },
      facts: {
        transport: 'ws',
        nativePaths: ['/v1/convai/conversation'],
        audio: { up: ['pcm_16000'], down: ['pcm_16000'] },
        usage: [{ on: 'wall-clock' }],
        ephemeral: {
          method: 'GET',
          url: 'https://{region}.elevenlabs.io/v1/convai/conversation/get-signed-url',
          tokenPath: 'signed_url',
          longestLifeMs: 900_000,
          isSingleUse: true,
          locksConfiguration: true,
        },
      },
    },
  },
  choice: { otherwise: 'conversation' },
  upstreamAuth: { in: 'header', name: 'xi-api-key', format: '{key}' },
  clientCredential: [
    { in: 'subprotocol', values: ['bearer.{key}'] },
    { in: 'header', name: 'xi-api-key', format: '{key}' },
  ],
  subprotocol: { offer: ['convai'] },
  dialect: 'plain',
  refusal: 'close',
  limits: { maxMessageBytes: 16_777_216, handshakeMs: 10_000 },
  policy: ELEVENLABS_POLICY,
};

/**
 * A route to agents of an ElevenLabs workspace.
 * @throws ConfigError when the key is missing or cannot travel in a header, no agent is named, the region is unknown, or the URL is not usable.
 */
export function elevenLabsAgents(options: ElevenLabsAgentsOptions): Route {
  const { apiKey, agents, region, url, messages } = options;
  const name = 'elevenLabsAgents()';
  if (url !== undefined) checkUpstreamUrl(`${name}.url`, url);
  const ids = checkList(`${name}.agents`, agents);
  if (!ids) throw new ConfigError(`${name}.agents`, "is missing. Write it like ['agent_0123'].");
  return createRoute(
    ELEVENLABS_AGENTS,
    { apiKey, messages, listed: { agent_id: ids }, values: { region }, urls: { conversation: url } },
    name,
  );
}
