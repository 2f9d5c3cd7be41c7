/** ElevenLabs over HTTP: a text spoken, and what a page needs to talk to an agent directly. Data, no I/O. */
import type { ApiCall, HttpApi } from '../http-api.ts';
import type { QueryRules } from '../preset.ts';

/** What the operator decides. */
export interface ElevenLabsRestLimits {
  readonly voices: readonly string[];
  /** Undefined for ElevenLabs' own. */
  readonly models: readonly string[] | undefined;
  /** Agents for which pages get addresses and tokens; none without. */
  readonly agents: readonly string[] | undefined;
  /** Time until an answer, in milliseconds. */
  readonly timeoutMs: number;
}

const TEXT_BYTES = 262_144;
const ANSWER_BYTES = 67_108_864;

/** What a text to be spoken is made of. Left out is what leads to other things of the workspace, such as earlier requests. */
const TEXT_FIELDS = [
  ...['text', 'model_id', 'language_code', 'voice_settings', 'seed', 'previous_text', 'next_text'],
  ...['apply_text_normalization', 'apply_language_text_normalization'],
];

const agentIn = (agents: readonly string[]): QueryRules => ({
  listed: { agent_id: agents },
  required: [['agent_id']],
  only: ['agent_id', 'source', 'version'],
});

function callsFor({ voices, models, agents, timeoutMs }: ElevenLabsRestLimits): HttpApi['calls'] {
  const limits = { answerMs: timeoutMs, totalMs: timeoutMs, maxBytes: ANSWER_BYTES };
  const speak = (path: string): ApiCall => ({
    ...{ method: 'POST', path, limits, answers: ['audio/*'] },
    query: { only: ['output_format', 'optimize_streaming_latency'] },
    listed: { voice_id: voices },
    body: {
      kind: 'json',
      maxBytes: TEXT_BYTES,
      rules: {
        only: { '': TEXT_FIELDS },
        listed: { model_id: models ?? ['eleven_*'] },
        // ElevenLabs' own default may be none of the operator's list.
        required: ['text', ...(models ? ['model_id'] : [])],
      },
    },
  });
  const get = (path: string, list: readonly string[]): ApiCall => ({
    ...{ method: 'GET', path, limits, answers: ['application/json'] },
    query: agentIn(list),
  });
  return {
    speak: speak('/v1/text-to-speech/{voice_id}'),
    speakInParts: speak('/v1/text-to-speech/{voice_id}/stream'),
    ...(agents && {
      signedUrl: get('/v1/convai/conversation/get-signed-url', agents),
      token: get('/v1/convai/conversation/token', agents),
    }),
  };
}

export const elevenLabsApi = (limits: ElevenLabsRestLimits): HttpApi => ({
  id: 'elevenlabs',
  title: 'ElevenLabs',
  grade: 'documentation',
  baseUrl: 'https://api.elevenlabs.io',
  upstreamAuth: { in: 'header', name: 'xi-api-key', format: '{key}' },
  clientCredential: [{ in: 'header', name: 'xi-api-key', format: '{key}' }],
  requestHeaders: ['accept'],
  answerHeaders: ['request-id'],
  dialect: 'elevenlabs',
  calls: callsFor(limits),
});
