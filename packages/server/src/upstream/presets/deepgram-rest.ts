/** Deepgram over HTTP: a recording transcribed, a text spoken, a text read. Data, no I/O. */
import type { ApiCall, HttpApi } from '../http-api.ts';
import { withListedDefaults } from '../listed-defaults.ts';
import type { QueryRules } from '../preset.ts';
import { LISTEN_MODELS, SPEAK_MODELS } from './deepgram.ts';

/** What the operator decides. */
export interface DeepgramRestLimits {
  /** Undefined for Deepgram's own families. */
  readonly models: readonly string[] | undefined;
  readonly voices: readonly string[] | undefined;
  readonly maxAudioBytes: number;
  /** Time until an answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** Longest text with what stands around it, in bytes. */
const TEXT_BYTES = 262_144;
const ANSWER_BYTES = 67_108_864;

/** Deepgram posts its answers to whatever these name, with the operator's account. */
const DENIED: QueryRules = { deny: ['callback', 'callback_method'] };

function modelIn(families: readonly string[], own: readonly string[] | undefined): QueryRules {
  const rules = { ...DENIED, listed: { model: families } };
  return own ? { ...withListedDefaults(rules, { model: own }), listed: { model: own } } : rules;
}

function callsFor({ models, voices, maxAudioBytes, timeoutMs }: DeepgramRestLimits): HttpApi['calls'] {
  const limits = { answerMs: timeoutMs, totalMs: timeoutMs, maxBytes: ANSWER_BYTES };
  // A `url` in place of a text or a recording would be fetched by Deepgram.
  const text = { kind: 'json', maxBytes: TEXT_BYTES, rules: { only: { '': ['text'] } } } as const;
  const post = (call: Pick<ApiCall, 'path' | 'query' | 'body' | 'answers'>): ApiCall => ({
    ...{ method: 'POST', limits },
    ...call,
  });
  return {
    listen: post({
      path: '/v1/listen',
      query: modelIn(LISTEN_MODELS, models),
      body: {
        kind: 'stream',
        maxBytes: maxAudioBytes,
        types: ['application/octet-stream', 'audio/*', 'video/*'],
      },
      answers: ['application/json'],
    }),
    speak: post({
      path: '/v1/speak',
      query: modelIn(SPEAK_MODELS, voices),
      body: text,
      answers: ['audio/*', 'application/octet-stream'],
    }),
    read: post({ path: '/v1/read', query: DENIED, body: text, answers: ['application/json'] }),
  };
}

export const deepgramApi = (limits: DeepgramRestLimits): HttpApi => ({
  id: 'deepgram',
  title: 'Deepgram',
  grade: 'documentation',
  baseUrl: 'https://api.deepgram.com',
  upstreamAuth: { in: 'header', name: 'authorization', format: 'Token {key}' },
  clientCredential: [
    { in: 'header', name: 'authorization', format: 'Token {key}' },
    { in: 'header', name: 'authorization', format: 'Bearer {key}' },
  ],
  requestHeaders: ['accept'],
  answerHeaders: ['dg-request-id', 'dg-model-name', 'dg-char-count'],
  dialect: 'deepgram',
  calls: callsFor(limits),
});
