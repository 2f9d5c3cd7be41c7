/** What messages may say on a route to ElevenLabs' agents, unless the route says otherwise. Data. */
import type { MessagePolicy, PolicyField } from './policy.ts';

const INITIATION = 'conversation_initiation_client_data';

/** A part of the agent that a conversation may override. */
function overrideOf(member: string): PolicyField {
  return { sent: [{ types: [INITIATION], path: `conversation_config_override.${member}`, always: true }] };
}

export const ELEVENLABS_POLICY: MessagePolicy = {
  onlyText: true,
  types: [
    ...[INITIATION, 'user_audio_chunk', 'pong', 'user_message', 'user_activity', 'contextual_update'],
    ...['client_tool_result', 'feedback'],
  ],
  untyped: ['user_audio_chunk'],
  opensWith: [INITIATION],
  rules: [
    {
      types: [INITIATION],
      deny: ['custom_llm_extra_body'],
      // Everything else of the agent is as its operator made it. The SDK sends the objects of what nobody overrides, too.
      only: {
        conversation_config_override: [
          ...['agent.language', 'agent.prompt.{}', 'tts.{}', 'asr.{}', 'conversation.text_only'],
        ],
      },
    },
    { types: ['user_audio_chunk'], only: { '': ['user_audio_chunk'] } },
  ],
  fields: {
    prompt: overrideOf('agent.prompt.prompt'),
    greeting: overrideOf('agent.first_message'),
    language: overrideOf('agent.language'),
    model: overrideOf('agent.prompt.llm'),
    tools: overrideOf('agent.prompt.tool_ids'),
    voice: overrideOf('tts.voice_id'),
    variables: { sent: [{ types: [INITIATION], path: 'dynamic_variables', always: true }] },
  },
  toolCalls: {
    asked: { types: ['client_tool_call'], at: 'client_tool_call', id: 'tool_call_id', name: 'tool_name' },
    answered: [{ types: ['client_tool_result'], path: 'tool_call_id' }],
  },
};
