/** What messages may say on a route to Deepgram's voice agent, transcription and speech, unless the route says otherwise. Data. */
import type { MessagePolicy, Place } from './policy.ts';

const SETTINGS = ['Settings'];

/** A member of `agent.think`, which may be a list, in the first settings and in the update of that part. */
function thinkPlaces(member: string): Place[] {
  return [
    { types: SETTINGS, path: `agent.think.${member}`, always: true },
    { types: ['UpdateThink'], path: `think.${member}`, always: true },
  ];
}

export const DEEPGRAM_POLICY: MessagePolicy = {
  types: [
    // Agent. Types of its first version (SettingsConfiguration, UpdateInstructions) are refused.
    ...['Settings', 'UpdateThink', 'UpdateSpeak', 'UpdatePrompt', 'InjectUserMessage', 'InjectAgentMessage'],
    ...['FunctionCallResponse', 'KeepAlive'],
    // Transcription.
    ...['Finalize', 'CloseStream', 'Configure'],
    // Speech.
    ...['Speak', 'Flush', 'Clear', 'Close'],
  ],
  rules: [
    {
      types: SETTINGS,
      // Deepgram would call whatever these name, and a page that sets their headers holds a key.
      deny: ['agent.think.endpoint', 'agent.think.functions[*].endpoint', 'agent.speak.endpoint'],
      values: { 'agent.context.messages[*].role': ['user', 'assistant'] },
    },
    { types: ['UpdateThink'], deny: ['think.endpoint', 'think.functions[*].endpoint'] },
    { types: ['UpdateSpeak'], deny: ['speak.endpoint'] },
  ],
  fields: {
    prompt: {
      sent: [...thinkPlaces('prompt'), { types: ['UpdatePrompt'], path: 'prompt', always: true }],
      echoed: [
        { types: ['SettingsApplied'], path: 'agent.think.prompt' },
        { types: ['SettingsApplied'], path: 'settings.agent.think.prompt' },
        { types: ['PromptUpdated'], path: 'prompt' },
        { types: ['ThinkUpdated'], path: 'think.prompt' },
      ],
    },
    tools: {
      sent: thinkPlaces('functions'),
      echoed: [
        { types: ['SettingsApplied'], path: 'agent.think.functions' },
        { types: ['SettingsApplied'], path: 'settings.agent.think.functions' },
        { types: ['ThinkUpdated'], path: 'think.functions' },
        { types: ['History'], path: 'function_calls[*].arguments' },
        { types: ['History'], path: 'function_calls[*].response' },
      ],
    },
    /** Provider and model of the language model. */
    think: { sent: thinkPlaces('provider') },
    /** Where Deepgram calls the language model; the place of its key. */
    endpoint: { sent: thinkPlaces('endpoint') },
    temperature: { sent: thinkPlaces('provider.temperature') },
    contextLength: { sent: thinkPlaces('context_length') },
    voice: {
      sent: [
        { types: SETTINGS, path: 'agent.speak.provider', always: true },
        { types: ['UpdateSpeak'], path: 'speak.provider', always: true },
      ],
    },
    listen: { sent: [{ types: SETTINGS, path: 'agent.listen.provider', always: true }] },
    greeting: { sent: [{ types: SETTINGS, path: 'agent.greeting', always: true }] },
    history: { sent: [{ types: SETTINGS, path: 'agent.context', always: true }] },
  },
  toolCalls: {
    asked: { types: ['FunctionCallRequest'], at: 'functions[*]', id: 'id', name: 'name' },
    answered: [
      { types: ['FunctionCallResponse'], path: 'id' },
      { types: ['FunctionCallResponse'], path: 'function_call_id' },
    ],
  },
};
