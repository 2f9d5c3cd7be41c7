/** What messages may say on a route to OpenAI's realtime API, unless the route says otherwise. Data. */
import type { MessagePolicy } from './policy.ts';
import * as realtime from './realtime-messages.ts';
import { fieldOf, openFieldOf } from './realtime-messages.ts';

const TYPES = { session: ['session.update'] };

export const OPENAI_REALTIME_POLICY: MessagePolicy = {
  onlyText: true,
  types: realtime.REALTIME_TYPES,
  opensWith: TYPES.session,
  openingAnswers: { taken: ['session.updated'], refused: ['error'] },
  rules: realtime.realtimeRules(TYPES),
  model: { places: realtime.modelPlaces(TYPES), query: ['model'] },
  toolCalls: realtime.REALTIME_CALLS,
  // Spellings of the current API first, then those of its beta.
  fields: {
    prompt: fieldOf(TYPES, 'instructions'),
    tools: fieldOf(TYPES, 'tools'),
    toolChoice: openFieldOf(TYPES, 'tool_choice'),
    model: openFieldOf(TYPES, 'model'),
    voice: openFieldOf(TYPES, 'audio.output.voice', 'voice'),
    maxTokens: openFieldOf(TYPES, 'max_output_tokens', 'max_response_output_tokens'),
    turnDetection: openFieldOf(TYPES, 'audio.input.turn_detection', 'turn_detection'),
    transcription: openFieldOf(TYPES, 'audio.input.transcription', 'input_audio_transcription'),
    modalities: openFieldOf(TYPES, 'output_modalities', 'modalities'),
    /** The current API has none; where a client sends one, it is replaced. */
    temperature: { sent: fieldOf(TYPES, 'temperature').sent.map((place) => ({ ...place, always: false })) },
    tracing: openFieldOf(TYPES, 'tracing'),
  },
};
