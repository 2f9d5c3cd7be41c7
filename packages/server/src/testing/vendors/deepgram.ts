/** Deepgram: agent, listen v1 and v2 and speak over WebSockets; recordings, texts and grants over HTTP. */
import { jsonAnswer } from '../http-answers.ts';
import { authorization, subprotocolPair } from '../rules/credential-slots.ts';
import { judgeFrames } from '../rules/frame-rules.ts';
import {
  grant,
  judgeGrant,
  judgeReading,
  judgeRecording,
  judgeText,
  read,
  speak,
  transcribe,
} from './deepgram-calls.ts';
import { errorMessage } from './deepgram-messages.ts';
import { converseAsAgent, converseAsListener } from './deepgram-sockets.ts';
import { converseAsSpeaker, converseAsTurns } from './deepgram-sockets.ts';
import type { CallService, MockVendor, SocketService } from './vendor.ts';

export type DeepgramService =
  'agent' | 'listen' | 'listenV2' | 'speak' | 'transcribe' | 'synthesize' | 'read' | 'grant';

/** Documented. `callback` is not among them: with it a page could send transcripts anywhere. */
const LISTEN_KEYS = [
  ...['channels', 'detect_entities', 'diarize', 'diarize_model', 'dictation', 'encoding', 'endpointing'],
  ...['extra', 'filler_words', 'interim_results', 'keyterm', 'keywords', 'language', 'mip_opt_out', 'model'],
  ...['multichannel', 'no_delay', 'numerals', 'profanity_filter', 'punctuate', 'redact', 'replace'],
  ...['sample_rate', 'search', 'smart_format', 'tag', 'utterance_end_ms', 'vad_events', 'version'],
];

const TURN_KEYS = [
  ...['encoding', 'sample_rate', 'eager_eot_threshold', 'eot_threshold', 'eot_timeout_ms', 'keyterm'],
  ...['language_hint', 'profanity_filter', 'numerals', 'redact', 'mip_opt_out', 'tag'],
];

const TRANSCRIBE_KEYS = [
  ...['custom_intent', 'custom_intent_mode', 'custom_topic', 'custom_topic_mode', 'detect_entities'],
  ...['detect_language', 'diarize', 'diarize_model', 'dictation', 'encoding', 'extra', 'filler_words'],
  ...['intents', 'keyterm', 'keywords', 'language', 'measurements', 'mip_opt_out', 'model', 'multichannel'],
  ...['numerals', 'paragraphs', 'profanity_filter', 'punctuate', 'redact', 'replace', 'search', 'sentiment'],
  ...['smart_format', 'summarize', 'tag', 'topics', 'utterances', 'utt_split', 'version'],
];

const READ_KEYS = [
  ...['custom_intent', 'custom_intent_mode', 'custom_topic', 'custom_topic_mode', 'intents', 'language'],
  ...['sentiment', 'summarize', 'tag', 'topics'],
];

const SPEAK_KEYS = ['encoding', 'mip_opt_out', 'model', 'sample_rate', 'speed'];

const ERROR_CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'INVALID_AUTH',
  403: 'INSUFFICIENT_PERMISSIONS',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
};

const socket = (
  rules: Pick<SocketService, 'path' | 'query' | 'kindOfFrames' | 'judgeFrame' | 'converse'>,
): SocketService => ({
  kind: 'upgrade',
  slots: ['subprotocol', 'bearerSubprotocol'],
  slotsOnRequest: ['header', 'bearer'],
  ...rules,
});

const post = (
  rules: Pick<CallService, 'path' | 'query' | 'contentType' | 'judgeBody' | 'answer'>,
): CallService => ({ kind: 'call', method: 'POST', slots: ['header', 'bearer'], ...rules });

export const deepgram: MockVendor<DeepgramService> = {
  title: 'Deepgram',
  slots: {
    subprotocol: subprotocolPair('token'),
    header: authorization('Token'),
    bearerSubprotocol: subprotocolPair('bearer', ['issued']),
    bearer: authorization('Bearer', ['issued']),
  },
  services: {
    agent: socket({
      path: '/v1/agent/converse',
      query: {},
      kindOfFrames: 'binary',
      judgeFrame: judgeFrames({ first: ['Settings'], binary: 'after the first' }),
      converse: converseAsAgent,
    }),
    listen: socket({
      path: '/v1/listen',
      query: { optional: LISTEN_KEYS },
      kindOfFrames: 'text',
      judgeFrame: judgeFrames({ first: ['KeepAlive', 'Finalize', 'CloseStream'], binary: 'anywhere' }),
      converse: converseAsListener,
    }),
    listenV2: socket({
      path: '/v2/listen',
      query: { forms: [['model']], optional: TURN_KEYS },
      kindOfFrames: 'text',
      judgeFrame: judgeFrames({ first: ['Configure', 'CloseStream'], binary: 'anywhere' }),
      converse: converseAsTurns,
    }),
    speak: socket({
      path: '/v1/speak',
      query: { optional: SPEAK_KEYS },
      kindOfFrames: 'binary',
      judgeFrame: judgeFrames({ first: ['Speak', 'Flush', 'Clear', 'Close'], binary: 'nowhere' }),
      converse: converseAsSpeaker,
    }),
    transcribe: post({
      path: '/v1/listen',
      query: { optional: TRANSCRIBE_KEYS },
      contentType: /^(audio\/|video\/|application\/octet-stream$|application\/json(;|$))/,
      judgeBody: judgeRecording,
      answer: transcribe,
    }),
    synthesize: post({
      path: '/v1/speak',
      query: { optional: [...SPEAK_KEYS, 'bit_rate', 'container', 'tag'] },
      contentType: /^application\/json(;|$)/,
      judgeBody: judgeText,
      answer: speak,
    }),
    read: post({
      path: '/v1/read',
      query: { optional: READ_KEYS },
      contentType: /^application\/json(;|$)/,
      judgeBody: judgeReading,
      answer: read,
    }),
    grant: {
      ...post({
        path: '/v1/auth/grant',
        query: {},
        contentType: /^application\/json(;|$)/,
        judgeBody: judgeGrant,
        answer: grant,
      }),
      slots: ['header'],
    },
  },
  errorMessage: (reason, message) =>
    errorMessage(reason === 'auth' ? 'INVALID_AUTH' : 'UNPARSABLE_CLIENT_MESSAGE', message),
  errorAnswer: (status, message) =>
    jsonAnswer(status, {
      err_code: ERROR_CODES[status] ?? 'INTERNAL_SERVER_ERROR',
      err_msg: message,
      request_id: 'mock-request',
    }),
  errorHeader: 'dg-error',
};
