/** OpenAI Realtime: sessions over WebSockets, the signalling of calls and secrets for pages over HTTP. */
import { jsonAnswer } from '../http-answers.ts';
import { authorization, subprotocolPrefix } from '../rules/credential-slots.ts';
import {
  answerOffer,
  CALL_CONTENT,
  createClientSecret,
  judgeClientSecret,
  judgeOffer,
} from './openai-calls.ts';
import { converseInRealtime, judgeRealtime } from './realtime-dialect.ts';
import { createTell, NEWER_NAMES, realtimeError } from './realtime-messages.ts';
import type { MockVendor } from './vendor.ts';

export type OpenaiService = 'realtime' | 'calls' | 'clientSecrets';

const ACCOUNT_HEADERS = ['openai-organization', 'openai-project'];

const ERROR_CODES: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  429: 'rate_limit_exceeded',
  503: 'server_overloaded',
};

export const openai: MockVendor<OpenaiService> = {
  title: 'OpenAI Realtime',
  slots: {
    bearer: authorization('Bearer', ['secret', 'issued']),
    subprotocol: subprotocolPrefix('openai-insecure-api-key.', ['issued']),
  },
  services: {
    realtime: {
      kind: 'upgrade',
      path: '/v1/realtime',
      slots: ['bearer', 'subprotocol'],
      // With `call_id` a page could listen to somebody else's call; the mock takes it, a proxy should not.
      query: { forms: [['model'], ['intent'], ['call_id']], values: { intent: /^transcription$/ } },
      headers: ACCOUNT_HEADERS,
      subprotocols: ['realtime', 'openai-agents-sdk.*'],
      kindOfFrames: 'text',
      judgeFrame: judgeRealtime(),
      converse: converseInRealtime({ names: NEWER_NAMES }),
    },
    calls: {
      kind: 'call',
      method: 'POST',
      path: '/v1/realtime/calls',
      slots: ['bearer'],
      query: { optional: ['model'] },
      headers: ACCOUNT_HEADERS,
      contentType: CALL_CONTENT,
      judgeBody: judgeOffer,
      answer: answerOffer,
    },
    clientSecrets: {
      kind: 'call',
      method: 'POST',
      path: '/v1/realtime/client_secrets',
      slots: ['bearer'],
      query: {},
      headers: ACCOUNT_HEADERS,
      contentType: /^application\/json(;|$)/,
      judgeBody: judgeClientSecret,
      answer: createClientSecret,
    },
  },
  errorMessage: (reason, message) =>
    realtimeError(createTell(0), { code: reason === 'auth' ? 'invalid_api_key' : 'invalid_event', message }),
  errorAnswer: (status, message) =>
    jsonAnswer(status, {
      error: {
        ...{ message, type: status < 500 ? 'invalid_request_error' : 'server_error', param: null },
        code: ERROR_CODES[status] ?? null,
      },
    }),
  errorHeader: 'x-request-error',
};
