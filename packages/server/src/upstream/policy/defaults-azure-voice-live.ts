/** What messages may say on a route to Azure Voice Live: the realtime dialect in flat spelling, with avatars and agents. Data. */
import type { MessagePolicy } from './policy.ts';
import * as realtime from './realtime-messages.ts';
import { fieldOf, openFieldOf } from './realtime-messages.ts';

/** The offer of its WebRTC transport carries a whole session. */
const TYPES = { session: ['session.update', 'rtc.call.sdp.create'] };

/** In today's spelling, and in that of before. */
const INTERIM = ['session.interim_response', 'session.filler_response'];

/** What the service fetches. */
function addressesIn(parent: string): string[] {
  return ['voice', 'audio.output.voice'].flatMap((voice) =>
    ['custom_lexicon_url', 'custom_text_normalization_url'].map((name) => `${parent}.${voice}.${name}`),
  );
}

export const AZURE_VOICE_LIVE_POLICY: MessagePolicy = {
  onlyText: true,
  types: [...realtime.REALTIME_TYPES, 'session.avatar.connect', 'rtc.call.sdp.create'],
  opensWith: TYPES.session,
  openingAnswers: {
    taken: ['session.updated', 'rtc.call.sdp.created'],
    refused: ['error', 'rtc.call.error'],
  },
  rules: [
    ...realtime.realtimeRules(TYPES),
    { types: TYPES.session, deny: addressesIn('session') },
    { types: ['response.create'], deny: addressesIn('response') },
  ],
  model: {
    places: [
      ...realtime.modelPlaces(TYPES),
      ...INTERIM.map((path) => ({ types: TYPES.session, path: `${path}.model` })),
    ],
    query: ['model'],
  },
  toolCalls: realtime.REALTIME_CALLS,
  // An agent's instructions and tools are the operator's, also where nothing is locked.
  blank: [
    { types: ['session.created', 'session.updated'], path: 'session.agent.instructions' },
    { types: ['session.created', 'session.updated'], path: 'session.agent.tools' },
    { types: ['session.created'], path: 'session.instructions' },
    { types: ['session.created'], path: 'session.tools' },
  ],
  fields: {
    prompt: fieldOf(TYPES, 'instructions'),
    tools: fieldOf(TYPES, 'tools'),
    toolChoice: openFieldOf(TYPES, 'tool_choice'),
    model: openFieldOf(TYPES, 'model'),
    voice: openFieldOf(TYPES, 'voice', 'audio.output.voice'),
    temperature: openFieldOf(TYPES, 'temperature'),
    maxTokens: openFieldOf(TYPES, 'max_response_output_tokens', 'max_output_tokens'),
    turnDetection: openFieldOf(TYPES, 'turn_detection', 'audio.input.turn_detection'),
    transcription: openFieldOf(TYPES, 'input_audio_transcription', 'audio.input.transcription'),
    modalities: openFieldOf(TYPES, 'modalities', 'output_modalities'),
    /** What is said while an answer is on its way, by a model and instructions of its own. */
    interimResponse: {
      sent: INTERIM.map((path, index) => ({ types: TYPES.session, path, always: index === 0 })),
    },
    avatar: { sent: [{ types: TYPES.session, path: 'session.avatar', always: true }] },
  },
};
