/** Azure OpenAI's realtime API: the current one, and the older one of rt-client. Data, no I/O. */
import { ConfigError } from '../../errors.ts';
import { checkList, createRoute } from '../create-route.ts';
import type { MessageRules } from '../message-hook.ts';
import { AZURE_OPENAI_POLICY } from '../policy/defaults-azure-openai.ts';
import type { Preset } from '../preset.ts';
import type { Route } from '../route.ts';
import { checkUpstreamUrl } from '../upstream-url.ts';
import { OPENAI_AUDIO, OPENAI_LIMITS, OPENAI_SLOTS, OPENAI_USAGE } from './openai-facts.ts';
import type { ProviderKey } from '../secret-sources.ts';

export interface AzureOpenAiOptions {
  /** The resource's API key. White space around it is removed. Never leaves the server except in the upstream handshake. */
  apiKey: ProviderKey | undefined;
  /** Name of the resource: `my-resource` of `my-resource.openai.azure.com`. Not needed with `url`. */
  resource?: string | undefined;
  /** Names of the deployments that clients may ask for. Required. Another closes with `PolicyViolation`. */
  deployments: readonly string[] | undefined;
  /** In place of the resource's address. `wss:`, or `ws:` on loopback. */
  url?: string | undefined;
  /** In place of the address of the older API. */
  previewUrl?: string | undefined;
  /** Hooks that see the text messages which the policy lets pass. Default: none. */
  messages?: MessageRules | undefined;
}

const FACTS = { transport: 'ws', audio: OPENAI_AUDIO, usage: OPENAI_USAGE } as const;

export const AZURE_OPENAI: Preset = {
  id: 'azure-openai',
  title: 'Azure OpenAI',
  grade: 'documentation',
  variables: { resource: { by: 'operator' } },
  endpoints: {
    realtime: {
      url: 'wss://{resource}.openai.azure.com/openai/v1/realtime',
      query: {
        deny: ['call_id'],
        allow: { intent: 'transcription' },
        listed: { model: [] },
        required: [['model', 'intent']],
      },
      facts: { ...FACTS, nativePaths: ['/openai/v1/realtime', '/v1/realtime'] },
    },
    preview: {
      url: 'wss://{resource}.openai.azure.com/openai/realtime',
      query: {
        deny: ['call_id'],
        allow: { 'api-version': '[0-9a-z.-]{1,32}' },
        listed: { deployment: [] },
        required: [['deployment'], ['api-version']],
      },
      facts: { ...FACTS, nativePaths: ['/openai/realtime'] },
    },
  },
  choice: {
    byPath: { '/openai/realtime': 'preview' },
    byParameters: { preview: ['deployment'] },
    otherwise: 'realtime',
  },
  upstreamAuth: { in: 'header', name: 'api-key', format: '{key}' },
  clientCredential: [
    { in: 'query', name: 'api-key', format: '{key}' },
    { in: 'header', name: 'api-key', format: '{key}' },
    ...OPENAI_SLOTS,
  ],
  dialect: 'openai',
  refusal: 'close',
  limits: OPENAI_LIMITS,
  policy: AZURE_OPENAI_POLICY,
};

/**
 * A route to an Azure OpenAI resource.
 * @throws ConfigError when the key is missing or cannot travel in a header, the resource is no name, no deployment is named, or a URL is
 * not usable.
 */
export function azureOpenAi(options: AzureOpenAiOptions): Route {
  const { apiKey, resource, deployments, url, previewUrl, messages } = options;
  const name = 'azureOpenAi()';
  if (url !== undefined) checkUpstreamUrl(`${name}.url`, url);
  if (previewUrl !== undefined) checkUpstreamUrl(`${name}.previewUrl`, previewUrl);
  const names = checkList(`${name}.deployments`, deployments);
  if (!names) throw new ConfigError(`${name}.deployments`, "is missing. Write it like ['my-realtime'].");
  const listed = { model: names, deployment: names };
  const urls = { realtime: url, preview: previewUrl ?? url };
  return createRoute(AZURE_OPENAI, { apiKey, messages, listed, values: { resource }, urls }, name);
}
