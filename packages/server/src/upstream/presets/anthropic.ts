/** Anthropic's Messages API as its own SDK calls it: messages, whole or as events, and the count of their tokens. Data, no I/O. */
import type { ApiCall, HttpApi, JsonRules } from '../http-api.ts';
import {
  CLAUDE_BASE_URL,
  CLAUDE_KEY_SLOT,
  CLAUDE_PATH,
  CLAUDE_VERSION,
  CLAUDE_VERSION_HEADER,
} from './claude.ts';

/** What a message is made of. Left out is what calls other servers, names what the workspace keeps, or has another price. */
const FIELDS = [
  ...['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'cache_control'],
  ...['output_config', 'output_format'],
];
const MESSAGE_FIELDS = [
  'max_tokens',
  'metadata',
  'stop_sequences',
  'stream',
  'temperature',
  'top_k',
  'top_p',
];

/** Where blocks of content may stand, also within results of tools and within documents. */
const BLOCKS = ['content[*]', 'content[*].content[*]'].flatMap((content) => [
  `messages[*].${content}`,
  `messages[*].${content}.source.content[*]`,
]);
/** Files of the workspace, which the key could read. */
const FILES = BLOCKS.flatMap((block) => [`${block}.file_id`, `${block}.source.file_id`]);
/** Sources that come with the message: the provider would fetch a `url`, and read a `file`. */
const OWN_SOURCES = Object.fromEntries(
  BLOCKS.map((block) => [`${block}.source.type`, ['base64', 'text', 'content']]),
);

/** What the operator decides. */
export interface AnthropicLimits {
  readonly models: readonly string[];
  readonly maxTokens: number;
  readonly maxBodyBytes: number;
  /** Time until an answer, or the first word of a streamed one, in milliseconds. */
  readonly timeoutMs: number;
}

const LONGEST_MS = 600_000;

/** Anthropic's documentation, Messages and Streaming: the numbers of the last event are those of the whole message. */
const usageAt = (usage: string): Record<string, string> => ({
  inputTokens: `${usage}.input_tokens`,
  outputTokens: `${usage}.output_tokens`,
  cacheWriteTokens: `${usage}.cache_creation_input_tokens`,
  cacheReadTokens: `${usage}.cache_read_input_tokens`,
});
const USAGE: ApiCall['usage'] = [
  { on: 'message', match: { type: 'message' }, read: usageAt('usage'), names: { model: 'model' } },
  {
    on: 'message',
    match: { type: 'message_start' },
    read: usageAt('message.usage'),
    names: { model: 'message.model' },
  },
  { on: 'message', match: { type: 'message_delta' }, read: usageAt('usage') },
];

const rulesFor = (models: readonly string[], fields: readonly string[]): JsonRules => ({
  only: { '': fields },
  deny: FILES,
  // Tools that the provider runs have their price, and reach into the web.
  values: { 'tools[*].type': ['custom'], ...OWN_SOURCES },
  listed: { model: models },
  required: ['model'],
});

function callsFor({ models, maxTokens, maxBodyBytes, timeoutMs }: AnthropicLimits): HttpApi['calls'] {
  const post = (path: string, rules: JsonRules, answers: readonly string[]): ApiCall => ({
    method: 'POST',
    path,
    query: { only: [] },
    body: { kind: 'json', maxBytes: maxBodyBytes, rules },
    answers,
    limits: { answerMs: timeoutMs, totalMs: LONGEST_MS, maxBytes: 16_777_216 },
  });
  const asked = rulesFor(models, [...FIELDS, ...MESSAGE_FIELDS]);
  const answers = ['application/json', 'text/event-stream'];
  return {
    messages: {
      ...post(CLAUDE_PATH, { ...asked, most: { max_tokens: maxTokens } }, answers),
      usage: USAGE,
    },
    countTokens: post(`${CLAUDE_PATH}/count_tokens`, rulesFor(models, FIELDS), ['application/json']),
  };
}

export const anthropicApi = (limits: AnthropicLimits): HttpApi => ({
  id: 'anthropic',
  title: 'Anthropic',
  grade: 'verified',
  baseUrl: CLAUDE_BASE_URL,
  upstreamAuth: CLAUDE_KEY_SLOT,
  clientCredential: [
    { in: 'header', name: 'authorization', format: 'Bearer {key}' },
    { in: 'header', name: 'x-api-key', format: '{key}' },
  ],
  defaultHeaders: { [CLAUDE_VERSION_HEADER]: CLAUDE_VERSION },
  answerHeaders: ['request-id', 'x-should-retry'],
  dialect: 'anthropic',
  calls: callsFor(limits),
});
