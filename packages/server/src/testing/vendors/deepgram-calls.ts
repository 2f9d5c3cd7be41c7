/** What Deepgram's services over HTTP answer: a recording transcribed, a text spoken, a short-lived token. */
import { jsonAnswer } from '../http-answers.ts';
import { headerValues } from '../upgrade-request.ts';
import { readMessage } from './json-message.ts';
import type { AnswerCallInput, CallAnswer, JudgeRequest } from './vendor.ts';

export function transcribe({ id, turn }: AnswerCallInput): CallAnswer {
  const words = turn.userText.split(' ').map((word) => ({ word, confidence: 0.99 }));
  return jsonAnswer(200, {
    metadata: { request_id: `mock-request-${id}`, duration: 1, channels: 1 },
    results: {
      channels: [{ alternatives: [{ transcript: turn.userText, confidence: 0.99, words }] }],
    },
  });
}

/** A recording, or a JSON body that says where one is. */
export const judgeRecording: JudgeRequest = ({ headers, body }) => {
  const [type = ''] = headerValues(headers, 'content-type');
  if (!type.startsWith('application/json')) return body.length > 0 ? undefined : 'an empty recording';
  return typeof readMessage(body)?.['url'] === 'string' ? undefined : 'a body without a url';
};

export function speak({ turn }: AnswerCallInput): CallAnswer {
  return { status: 200, headers: [['Content-Type', 'audio/mpeg']], body: Buffer.concat([...turn.answer]) };
}

export const judgeReading: JudgeRequest = ({ body }) => {
  const asked = readMessage(body);
  const isText = typeof asked?.['text'] === 'string' || typeof asked?.['url'] === 'string';
  return isText ? undefined : 'a body without a text or a url';
};

export function read({ id }: AnswerCallInput): CallAnswer {
  return jsonAnswer(200, {
    metadata: { request_id: `mock-request-${id}`, language: 'en' },
    results: { summary: { text: 'Somebody asks for the weather.' } },
  });
}

export const judgeText: JudgeRequest = ({ body }) =>
  typeof readMessage(body)?.['text'] === 'string' ? undefined : 'a body without a text';

const DEFAULT_SECONDS = 30;
const LONGEST_SECONDS = 3600;

export function grant({ request, issue }: AnswerCallInput): CallAnswer {
  const asked = readMessage(request.body)?.['ttl_seconds'];
  const seconds = typeof asked === 'number' ? asked : DEFAULT_SECONDS;
  return jsonAnswer(200, { access_token: issue('mock-access-'), expires_in: seconds });
}

export const judgeGrant: JudgeRequest = ({ body }) => {
  const asked = body.length === 0 ? {} : readMessage(body);
  if (!asked) return 'a body that is not a JSON object';
  const seconds = asked['ttl_seconds'] ?? DEFAULT_SECONDS;
  const isLegal = typeof seconds === 'number' && seconds >= 1 && seconds <= LONGEST_SECONDS;
  return isLegal ? undefined : 'ttl_seconds is out of range';
};
