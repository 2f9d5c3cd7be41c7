/** Azure Voice Live: the realtime dialect with avatars and calls, by key or by a user's Entra token. */
import { jsonAnswer } from '../http-answers.ts';
import { authorization, bareHeader, queryKey } from '../rules/credential-slots.ts';
import type { QueryRules } from '../rules/query-rules.ts';
import { converseInRealtime, judgeRealtime, signalling } from './realtime-dialect.ts';
import { createTell, OLDER_NAMES, realtimeError } from './realtime-messages.ts';
import type { JudgeRequest, MockVendor, SocketService } from './vendor.ts';

export type AzureVoiceLiveService = 'realtime' | 'calls';

/** A version such as 2025-10-01, or one with `-preview`. */
export const API_VERSION = /^\d{4}-\d{2}-\d{2}(-preview)?$/;

/** `foundry-resource-override` is not among the keys: with it a page could send the operator's key elsewhere. */
const QUERY: QueryRules = {
  forms: [
    ['api-version', 'model'],
    ['api-version', 'agent-name', 'agent-project-name'],
    ['api-version', 'agent-id', 'agent-project-name'],
  ],
  optional: [
    ...['agent-access-token', 'agent-version', 'conversation-id'],
    ...['agent-authentication-identity-client-id', 'client-request-id'],
  ],
  values: { 'api-version': API_VERSION },
};

/** Agents are not for keys: they act with the rights of the user whose token it is. */
const judgeAgent: JudgeRequest = ({ query, headers, slot }) => {
  const fields = new Map(query);
  const isAgent = fields.has('agent-name') || fields.has('agent-id');
  const access = fields.get('agent-access-token');
  if (!isAgent) return access === undefined ? undefined : 'agent-access-token without an agent';
  if (slot !== 'bearer') return 'an agent without a bearer token';
  const sent = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  const isSame = access === undefined || sent === `Bearer ${access}`;
  return isSame ? undefined : 'agent-access-token is another token than the bearer';
};

const converse = converseInRealtime({ names: OLDER_NAMES, more: signalling });

const service = (path: string): SocketService => ({
  kind: 'upgrade',
  path,
  slots: ['api-key', 'bearer'],
  slotsOnRequest: ['query'],
  query: QUERY,
  headers: ['x-ms-client-request-id'],
  judge: judgeAgent,
  kindOfFrames: 'text',
  judgeFrame: judgeRealtime('session.avatar.connect', 'rtc.call.sdp.create'),
  converse,
});

export const azureVoiceLive: MockVendor<AzureVoiceLiveService> = {
  title: 'Azure Voice Live',
  slots: {
    'api-key': bareHeader('api-key'),
    bearer: authorization('Bearer', ['bearer', 'secret']),
    query: queryKey('api-key'),
  },
  services: {
    realtime: service('/voice-live/realtime'),
    calls: service('/voice-live/realtime/calls'),
  },
  errorMessage: (reason, message) =>
    realtimeError(createTell(0), { code: reason === 'auth' ? 'unauthorized' : 'invalid_request', message }),
  errorAnswer: (status, message) => jsonAnswer(status, { error: { code: String(status), message } }),
  errorHeader: 'x-ms-error',
};
