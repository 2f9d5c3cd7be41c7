/** Azure Voice Live: models and agents, by the operator's key or each user's own Entra token, in the vocabularies of all its older proxies. Data, no I/O. */
import { ConfigError } from '../../errors.ts';
import { checkList, createRoute } from '../create-route.ts';
import type { MessageRules } from '../message-hook.ts';
import { AZURE_VOICE_LIVE_POLICY } from '../policy/defaults-azure-voice-live.ts';
import type { Endpoint, EndpointChoice, Preset, QueryRules, UserTokenRules } from '../preset.ts';
import type { Route } from '../route.ts';
import { checkUpstreamUrl } from '../upstream-url.ts';
import { isName } from '../url-template.ts';
import { OPENAI_LIMITS, OPENAI_USAGE } from './openai-facts.ts';
import type { ProviderKey } from '../secret-sources.ts';

export interface AzureVoiceLiveOptions {
  /** Name of the Azure AI Foundry resource. Required unless `url` is given. */
  resource?: string | undefined;
  /** Key of the resource, for models. Default: none, so that only users' own tokens open a session. Agents take no key. */
  apiKey?: ProviderKey | undefined;
  /** Where the key goes; in a query it stands in Azure's access logs. Default `header`. */
  keyIn?: 'header' | 'query' | undefined;
  /**
   * Whether users' own Entra tokens go to Azure, in place of the key. Needs `entra()`, which checks them, or `uncheckedEntra()`. Default
   * false: no token that a client brings leaves the server, and there are no agents.
   */
  passUserTokens?: boolean | undefined;
  /** What `mode=agent` means without `agentId` and `projectName`. */
  agent?: { readonly id: string; readonly project: string } | undefined;
  /** The agent that a client gets who names neither an agent nor a model. */
  namedAgent?: { readonly name: string; readonly project: string } | undefined;
  /** API version where the client names none, such as `2026-07-15`. Default: by kind of session, see AZURE_VERSIONS. */
  apiVersion?: string | undefined;
  /** Models that clients may ask for, such as `['gpt-realtime']`; `*` at the end stands for any name that begins so. Default: the names of Azure's own families. Another closes with `PolicyViolation`. */
  models?: readonly string[] | undefined;
  /** In place of Azure's own address. `wss:`, or `ws:` on loopback; the path of calls is added for those. */
  url?: string | undefined;
  /** Hooks that see the text messages which the policy lets pass. Default: none. */
  messages?: MessageRules | undefined;
}

/** Where the client names none: for models and agents by id, for agents by name, and for calls over WebRTC. */
export const AZURE_VERSIONS = { realtime: '2025-10-01', named: '2026-07-15', call: '2026-01-01-preview' };

const ADDRESS = 'wss://{resource}.services.ai.azure.com/voice-live/realtime';
const CALLS = '/calls';
const NAME = '[A-Za-z0-9._-]{1,128}';
const VERSION = String.raw`\d{4}-\d{2}-\d{2}(?:-preview)?`;
const FORBIDDEN = 'Agent mode requires token parameter (MSAL)';

const RENAMED = {
  apiVersion: 'api-version',
  agentId: 'agent-id',
  agentName: 'agent-name',
  projectName: 'agent-project-name',
  conversationId: 'conversation-id',
  agentVersion: 'agent-version',
  agentAuthenticationIdentityClientId: 'agent-authentication-identity-client-id',
};
const BOTH_NAMES = (name: keyof typeof RENAMED): string[] => [name, RENAMED[name]];
const ALLOWED = Object.fromEntries(
  Object.entries(RENAMED).flatMap(([name, other]) => {
    const pattern = other === 'api-version' ? VERSION : NAME;
    return [name, other].map((one) => [one, pattern]);
  }),
);

/** With it a page could send the operator's key to another resource; an access token is the proxy's to add. */
const DENIED = ['foundryResourceOverride', 'foundry-resource-override', 'agent-access-token'];

/** `version` is the client's alone, so that one that is told by several names is refused. */
function queryOf(own: readonly string[], version: string, more: QueryRules = {}): QueryRules {
  return {
    dropsEmpty: true,
    deny: DENIED,
    allow: ALLOWED,
    rename: RENAMED,
    only: [...own, ...BOTH_NAMES('apiVersion'), 'client-request-id'],
    ...more,
    defaultEach: { 'api-version': version, ...more.defaultEach },
    required: [['api-version'], ...(more.required ?? [])],
  };
}

const BEARER = { in: 'header', name: 'authorization', format: 'Bearer {key}' } as const;
const AGENTS = ['https://ai.azure.com'];
/** The scope of Azure's SDK today, and that of before. */
const MODELS = ['https://cognitiveservices.azure.com', 'https://ai.azure.com'];

const FACTS: Endpoint['facts'] = {
  transport: 'ws',
  nativePaths: ['/voice-live/realtime'],
  audio: { up: ['pcm16', 'g711_ulaw', 'g711_alaw'], down: ['pcm16', 'g711_ulaw', 'g711_alaw'] },
  usage: OPENAI_USAGE,
};
const CALL_FACTS = { ...FACTS, nativePaths: [] };

const NAMED_AGENT = [
  ...['agentName', 'projectName', 'conversationId', 'agentVersion'].flatMap((name) =>
    BOTH_NAMES(name as keyof typeof RENAMED),
  ),
  ...BOTH_NAMES('agentAuthenticationIdentityClientId'),
];
const NAMED_QUERY = { required: [['agent-name'], ['agent-project-name']] };
const NAMED_TOKEN: UserTokenRules = { slots: [BEARER], audiences: AGENTS, required: FORBIDDEN };

const MODEL_QUERY: QueryRules = {
  listed: { model: ['gpt-*', 'phi*', 'azure-realtime*'] },
  defaultEach: { model: 'gpt-realtime' },
  required: [['model']],
};
const MODEL: Endpoint = {
  url: ADDRESS,
  query: queryOf(['model'], AZURE_VERSIONS.realtime, MODEL_QUERY),
  userToken: { slots: [BEARER], audiences: MODELS },
  unprovenText: 'Standard mode requires either token parameter (MSAL) or AZURE_SPEECH_KEY in .env',
  facts: FACTS,
};
const AGENT_BY_NAME: Endpoint = {
  url: ADDRESS,
  query: queryOf(NAMED_AGENT, AZURE_VERSIONS.named, NAMED_QUERY),
  userToken: NAMED_TOKEN,
  missingText: 'Agent mode requires agentName and projectName',
  facts: FACTS,
};

/** A call of a client that names nobody. */
const CALL = { when: { transport: 'webrtc' }, endpoint: 'call' };

export const AZURE_VOICE_LIVE: Preset = {
  id: 'azure-voice-live',
  title: 'Azure Voice Live',
  grade: 'documentation',
  variables: { resource: { by: 'operator' } },
  endpoints: {
    standard: MODEL,
    agent: {
      url: ADDRESS,
      query: queryOf([...BOTH_NAMES('agentId'), ...BOTH_NAMES('projectName')], AZURE_VERSIONS.realtime, {
        required: [['agent-id'], ['agent-project-name']],
      }),
      userToken: {
        slots: [BEARER, { in: 'query', name: 'agent-access-token', format: '{key}' }],
        audiences: AGENTS,
        required: FORBIDDEN,
      },
      missingText: 'Agent mode requires agentId and projectName',
      facts: FACTS,
    },
    namedAgent: AGENT_BY_NAME,
    call: {
      ...MODEL,
      url: `${ADDRESS}${CALLS}`,
      query: queryOf(['model'], AZURE_VERSIONS.call, MODEL_QUERY),
      facts: CALL_FACTS,
    },
    agentCall: {
      ...AGENT_BY_NAME,
      url: `${ADDRESS}${CALLS}`,
      query: queryOf(NAMED_AGENT, AZURE_VERSIONS.call, NAMED_QUERY),
      facts: CALL_FACTS,
    },
  },
  choice: {
    // The newest vocabulary knows no mode, so that its words count whatever the mode says.
    first: [
      // Calls know agents by name alone, so that one by id is told what is missing.
      ...[...BOTH_NAMES('agentName'), ...BOTH_NAMES('agentId')].map((name) => ({
        when: { transport: 'webrtc', [name]: true as const },
        endpoint: 'agentCall',
      })),
      { when: { transport: 'webrtc', mode: 'agent' }, endpoint: 'agentCall' },
      CALL,
      ...BOTH_NAMES('agentName').map((name) => ({ when: { [name]: true as const }, endpoint: 'namedAgent' })),
    ],
    byQuery: { name: 'mode', values: { standard: 'standard', agent: 'agent' } },
    byParameters: { agent: [...BOTH_NAMES('agentId'), ...BOTH_NAMES('projectName')], standard: ['model'] },
    otherwise: 'standard',
  },
  isKeyOptional: true,
  upstreamAuth: { in: 'header', name: 'api-key', format: '{key}' },
  clientCredential: [
    { in: 'query', name: 'api-key', format: '{key}' },
    { in: 'query', name: 'authorization', format: 'Bearer {key}' },
    { in: 'header', name: 'api-key', format: '{key}' },
  ],
  dialect: 'openai',
  refusal: 'close',
  limits: { ...OPENAI_LIMITS, handshakeMs: 15_000 },
  policy: AZURE_VOICE_LIVE_POLICY,
};

/**
 * A route to Azure Voice Live. `mount('', route)` serves the path of Azure's own SDK, which drops a base URL's path.
 * @throws ConfigError when there is neither resource nor URL, or neither key nor users' tokens, or another option cannot work.
 */
export function azureVoiceLive(options: AzureVoiceLiveOptions): Route {
  const { apiKey, resource, url, models, messages, passUserTokens = false } = options;
  const name = 'azureVoiceLive()';
  check(options, passUserTokens);
  if (url !== undefined) checkUpstreamUrl(`${name}.url`, url);
  const calls = url === undefined ? undefined : `${url}${CALLS}`;
  const urls = { standard: url, agent: url, namedAgent: url, call: calls, agentCall: calls };
  const listed = models && { model: checkList(`${name}.models`, models) };
  const route = createRoute(
    toPreset(options),
    { apiKey, messages, urls, listed, values: { resource } },
    name,
  );
  return { ...route, passesTokens: passUserTokens };
}

function check(
  { apiKey, agent, namedAgent, apiVersion, keyIn }: AzureVoiceLiveOptions,
  passes: boolean,
): void {
  if (apiKey === undefined && !passes)
    refuse(
      'apiKey',
      'is missing. Pass the key of the resource, or set passUserTokens for sessions by users.',
    );
  if (keyIn !== undefined && keyIn !== 'header' && keyIn !== 'query')
    refuse('keyIn', "is neither 'header' nor 'query'.");
  if (apiVersion !== undefined && !new RegExp(`^${VERSION}$`).test(apiVersion))
    refuse('apiVersion', 'is not a version. Write it like 2026-07-15.');
  for (const [option, one] of Object.entries({ agent, namedAgent }))
    if (one && !Object.values(one).every((text) => typeof text === 'string' && isName(text)))
      refuse(option, 'has a value that is no name of letters, digits, dots, - and _.');
}

function refuse(option: string, problem: string): never {
  throw new ConfigError(`azureVoiceLive().${option}`, problem);
}

/** The preset with the operator's defaults. */
function toPreset({ agent, namedAgent, apiVersion, keyIn }: AzureVoiceLiveOptions): Preset {
  const agentDefaults = agent && { 'agent-id': agent.id, 'agent-project-name': agent.project };
  const namedDefaults = namedAgent && {
    'agent-name': namedAgent.name,
    'agent-project-name': namedAgent.project,
  };
  const own: Record<string, Readonly<Record<string, string>> | undefined> = {
    agent: agentDefaults,
    namedAgent: namedDefaults,
    agentCall: namedDefaults,
  };
  const endpoints = Object.entries(AZURE_VOICE_LIVE.endpoints).map(([id, endpoint]) => {
    const defaults = { ...own[id], ...(apiVersion === undefined ? {} : { 'api-version': apiVersion }) };
    const query = { ...endpoint.query, defaultEach: { ...endpoint.query.defaultEach, ...defaults } };
    return [id, { ...endpoint, query }] as const;
  });
  const { choice, upstreamAuth } = AZURE_VOICE_LIVE;
  return {
    ...AZURE_VOICE_LIVE,
    endpoints: Object.fromEntries(endpoints),
    choice: namedAgent ? withNamedAgent(choice) : choice,
    upstreamAuth: keyIn === 'query' ? { in: 'query', name: 'api-key', format: '{key}' } : upstreamAuth,
  };
}

/** Who names neither an agent nor a model gets the agent, also in a call. */
function withNamedAgent({ first = [], ...choice }: EndpointChoice): EndpointChoice {
  const calls = [
    { when: { ...CALL.when, model: true as const }, endpoint: 'call' },
    { ...CALL, endpoint: 'agentCall' },
  ];
  return {
    ...choice,
    first: first.flatMap((rule) => (rule === CALL ? calls : [rule])),
    otherwise: 'namedAgent',
  };
}
