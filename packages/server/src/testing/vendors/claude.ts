/** Claude over HTTP: messages, whole and as a stream of events, and the count of their tokens. */
import { jsonAnswer } from '../http-answers.ts';
import { authorization, bareHeader } from '../rules/credential-slots.ts';
import { headerValues } from '../upgrade-request.ts';
import { answerCount, answerMessage, judgeCount, judgeMessage } from './claude-messages.ts';
import type { JudgeRequest, MockVendor } from './vendor.ts';

export type ClaudeService = 'messages' | 'countTokens';

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

const errorBody = (type: string, message: string): object => ({ type: 'error', error: { type, message } });

const judgeVersion: JudgeRequest = ({ headers }) => {
  const [version = '', ...more] = headerValues(headers, 'anthropic-version');
  const isOne = more.length === 0 && /^\d{4}-\d{2}-\d{2}$/.test(version);
  return isOne ? undefined : 'there is not exactly one anthropic-version that is a date';
};

export const claude: MockVendor<ClaudeService> = {
  title: 'Claude',
  slots: {
    'x-api-key': bareHeader('x-api-key'),
    bearer: authorization('Bearer'),
  },
  services: {
    messages: {
      kind: 'call',
      method: 'POST',
      path: '/v1/messages',
      slots: ['x-api-key', 'bearer'],
      query: {},
      headers: ['anthropic-version', 'anthropic-beta'],
      judge: judgeVersion,
      contentType: /^application\/json(;|$)/,
      judgeBody: judgeMessage,
      answer: answerMessage,
    },
    countTokens: {
      kind: 'call',
      method: 'POST',
      path: '/v1/messages/count_tokens',
      slots: ['x-api-key', 'bearer'],
      query: {},
      headers: ['anthropic-version', 'anthropic-beta'],
      judge: judgeVersion,
      contentType: /^application\/json(;|$)/,
      judgeBody: judgeCount,
      answer: answerCount,
    },
  },
  errorMessage: (reason, message) =>
    JSON.stringify(errorBody(reason === 'auth' ? 'authentication_error' : 'invalid_request_error', message)),
  errorAnswer: (status, message) =>
    jsonAnswer(status, errorBody(ERROR_TYPES[status] ?? 'api_error', message)),
  errorHeader: 'x-error',
};
