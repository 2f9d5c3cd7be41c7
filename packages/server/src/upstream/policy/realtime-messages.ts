/** What the providers of the OpenAI realtime dialect have in common: types, items, tools, and how fields are spelt. Data. */
import type { MessageRule, Place, PolicyField, ToolCalls } from './policy.ts';

export const REALTIME_TYPES: readonly string[] = [
  ...['session.update', 'input_audio_buffer.append', 'input_audio_buffer.commit', 'input_audio_buffer.clear'],
  ...['conversation.item.create', 'conversation.item.retrieve', 'conversation.item.truncate'],
  ...['conversation.item.delete', 'response.create', 'response.cancel', 'output_audio_buffer.clear'],
];

export const SESSION_ECHOES: readonly string[] = ['session.created', 'session.updated'];
const RESPONSE_ECHOES: readonly string[] = ['response.created', 'response.done'];

/** The types whose `session` member sets the session. */
export interface SessionTypes {
  readonly session: readonly string[];
}

/**
 * A field by its spellings below `session`, of which the first is always written, and below `response`, where it is only replaced: a response
 * without it takes the session's.
 */
export function fieldOf(
  { session }: SessionTypes,
  ...spellings: readonly [string, ...string[]]
): PolicyField {
  const sent = spellings.flatMap((name, index): Place[] => [
    { types: session, path: `session.${name}`, always: index === 0 },
    { types: ['response.create'], path: `response.${name}` },
  ]);
  const echoed = spellings.flatMap((name): Place[] => [
    { types: SESSION_ECHOES, path: `session.${name}` },
    { types: RESPONSE_ECHOES, path: `response.${name}` },
  ]);
  return { sent, echoed };
}

/** Like `fieldOf`, without echoes: clients work with these values, and they tell nothing of the operator's. */
export function openFieldOf(types: SessionTypes, ...spellings: readonly [string, ...string[]]): PolicyField {
  return { sent: fieldOf(types, ...spellings).sent };
}

/** Where a provider would call addresses, or speak in the operator's name. */
export function realtimeRules({ session }: SessionTypes): MessageRule[] {
  const response = toolRules('response');
  return [
    { types: session, ...toolRules('session') },
    {
      types: ['response.create'],
      ...response,
      values: { ...response.values, ...itemValues('response.input[*]') },
    },
    { types: ['conversation.item.create'], values: itemValues('item') },
  ];
}

const REMOTE_TOOL = ['server_url', 'connector_id', 'headers', 'authorization'];

function toolRules(parent: string): Pick<MessageRule, 'deny' | 'values'> {
  return {
    // A stored prompt may be any of the account's.
    deny: [...REMOTE_TOOL.map((name) => `${parent}.tools[*].${name}`), `${parent}.prompt`],
    values: { [`${parent}.tools[*].type`]: ['function'] },
  };
}

function itemValues(item: string): Record<string, readonly string[]> {
  return {
    [`${item}.role`]: ['user', 'assistant'],
    [`${item}.type`]: ['message', 'function_call_output', 'item_reference'],
  };
}

export const REALTIME_CALLS: ToolCalls = {
  asked: {
    types: ['response.output_item.added', 'response.output_item.done'],
    at: 'item',
    id: 'call_id',
    name: 'name',
  },
  answered: [
    { types: ['conversation.item.create'], path: 'item.call_id' },
    { types: ['response.create'], path: 'response.input[*].call_id' },
  ],
};

/** Where a client can name a model that answers. */
export function modelPlaces({ session }: SessionTypes): Place[] {
  return [
    { types: session, path: 'session.model' },
    { types: ['response.create'], path: 'response.model' },
  ];
}
