/** What OpenAI's realtime API has over HTTP: calls of pages over WebRTC, and secrets for pages. Data, no I/O. */
import type { ApiCall, HttpApi, JsonRules } from '../http-api.ts';
import type { QueryRules } from '../preset.ts';

/** What the operator decides. */
export interface OpenAiRestLimits {
  readonly models: readonly string[];
  readonly transcriptionModels: readonly string[];
  /** Longest life of a client secret, in seconds; none are made without. */
  readonly secretSeconds: number | undefined;
  /** Time until an answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** Longest session description, and longest session, in bytes; a form has both. */
const BODY_BYTES = 262_144;
const ANSWER_BYTES = 1_048_576;

/** What a session is made of. Left out are stored prompts and traces, which belong to the account. */
const SESSION_FIELDS = [
  ...['type', 'model', 'instructions', 'audio', 'output_modalities', 'max_output_tokens'],
  ...['tools', 'tool_choice', 'truncation', 'include'],
];
const TRANSCRIPTION_MODEL = 'session.audio.input.transcription.model';

/** What a page may say of a session that it makes itself. */
const sessionRules = ({ models, transcriptionModels }: OpenAiRestLimits): JsonRules => ({
  // Other tools have OpenAI call servers, and have their price.
  values: { 'session.tools[*].type': ['function'] },
  listed: { 'session.model': models, [TRANSCRIPTION_MODEL]: transcriptionModels },
  requiredBy: { 'session.type': { realtime: ['session.model'], transcription: [TRANSCRIPTION_MODEL] } },
});

/** The description alone, with the model in the query; or in a form beside the session, as OpenAI's SDK sends both. */
function createCall(given: OpenAiRestLimits): Pick<ApiCall, 'query' | 'body' | 'form'> {
  const query: QueryRules = { only: ['model'], listed: { model: given.models } };
  return {
    query: { ...query, required: [['model']] },
    body: { kind: 'stream', maxBytes: BODY_BYTES, types: ['application/sdp'] },
    form: {
      query,
      maxBytes: 2 * BODY_BYTES,
      fields: { sdp: 'application/sdp', session: 'application/json' },
      rules: { ...sessionRules(given), only: { session: SESSION_FIELDS }, required: ['sdp'] },
    },
  };
}

function createSecret(given: OpenAiRestLimits, longest: number): Pick<ApiCall, 'query' | 'body'> {
  return {
    query: { only: [] },
    body: {
      kind: 'json',
      maxBytes: BODY_BYTES,
      rules: {
        ...sessionRules(given),
        only: { '': ['expires_after', 'session'], session: SESSION_FIELDS },
        most: { 'expires_after.seconds': longest },
        pin: { 'expires_after.anchor': 'created_at' },
      },
    },
  };
}

function callsFor(given: OpenAiRestLimits): HttpApi['calls'] {
  const { secretSeconds, timeoutMs } = given;
  const limits = { answerMs: timeoutMs, totalMs: timeoutMs, maxBytes: ANSWER_BYTES };
  const post = (path: string, type: string, call: Pick<ApiCall, 'query' | 'body' | 'form'>): ApiCall => ({
    ...{ method: 'POST', path, answers: [type], limits },
    ...call,
  });
  const calls = post('/v1/realtime/calls', 'application/sdp', createCall(given));
  if (secretSeconds === undefined) return { calls };
  const secrets = createSecret(given, secretSeconds);
  return { calls, clientSecrets: post('/v1/realtime/client_secrets', 'application/json', secrets) };
}

export const openAiApi = (limits: OpenAiRestLimits): HttpApi => ({
  id: 'openai',
  title: 'OpenAI',
  grade: 'documentation',
  baseUrl: 'https://api.openai.com',
  upstreamAuth: { in: 'header', name: 'authorization', format: 'Bearer {key}' },
  clientCredential: [{ in: 'header', name: 'authorization', format: 'Bearer {key}' }],
  // The name of the call, which its page has to know.
  answerHeaders: ['location', 'x-should-retry'],
  dialect: 'openai',
  calls: callsFor(limits),
});
