/** Azure OpenAI: the realtime dialect on the path without a version and on the older one with it. */
import { jsonAnswer } from '../http-answers.ts';
import { authorization, bareHeader, queryKey } from '../rules/credential-slots.ts';
import { API_VERSION } from './azure-voice-live.ts';
import { converseInRealtime, judgeRealtime } from './realtime-dialect.ts';
import { createTell, NEWER_NAMES, OLDER_NAMES, realtimeError } from './realtime-messages.ts';
import type { MockVendor, SocketService } from './vendor.ts';

export type AzureOpenaiService = 'realtime' | 'realtimeByVersion';

const service = (rules: Pick<SocketService, 'path' | 'query' | 'converse'>): SocketService => ({
  kind: 'upgrade',
  slots: ['api-key', 'bearer'],
  slotsOnRequest: ['query'],
  subprotocols: ['realtime'],
  kindOfFrames: 'text',
  judgeFrame: judgeRealtime(),
  ...rules,
});

export const azureOpenai: MockVendor<AzureOpenaiService> = {
  title: 'Azure OpenAI',
  slots: {
    'api-key': bareHeader('api-key'),
    bearer: authorization('Bearer', ['bearer', 'secret']),
    query: queryKey('api-key'),
  },
  services: {
    realtime: service({
      path: '/openai/v1/realtime',
      query: { forms: [['model']] },
      converse: converseInRealtime({ names: NEWER_NAMES }),
    }),
    realtimeByVersion: service({
      path: '/openai/realtime',
      query: { forms: [['api-version', 'deployment']], values: { 'api-version': API_VERSION } },
      converse: converseInRealtime({ names: OLDER_NAMES }),
    }),
  },
  errorMessage: (reason, message) =>
    realtimeError(createTell(0), { code: reason === 'auth' ? 'invalid_api_key' : 'invalid_event', message }),
  errorAnswer: (status, message) => jsonAnswer(status, { error: { code: String(status), message } }),
  errorHeader: 'x-ms-error',
};
