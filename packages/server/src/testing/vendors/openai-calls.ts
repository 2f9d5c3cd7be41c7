/** What OpenAI's realtime services over HTTP answer: a session description for a call, and a secret for a page. */
import { jsonAnswer } from '../http-answers.ts';
import { headerValues } from '../upgrade-request.ts';
import { asObject, readMessage } from './json-message.ts';
import { readMultipart } from './multipart.ts';
import { MOCK_SDP } from './realtime-messages.ts';
import type { AnswerCallInput, CallAnswer, JudgeRequest } from './vendor.ts';

/** The description alone, or in a form beside the session. */
export const CALL_CONTENT = /^(application\/sdp(;|$)|multipart\/form-data;)/;

export const judgeOffer: JudgeRequest = ({ headers, body }) => {
  const [type = ''] = headerValues(headers, 'content-type');
  if (!type.startsWith('multipart/')) return judgeDescription(body);
  const parts = readMultipart(body, type);
  if (!parts) return 'a body that is no form';
  const foreign = parts.find(({ name }) => name !== 'sdp' && name !== 'session');
  if (foreign) return `a field ${foreign.name}`;
  const session = parts.find(({ name }) => name === 'session');
  if (session && !readMessage(session.bytes)) return 'a session that is not a JSON object';
  if (session && !hasType(readMessage(session.bytes))) return NO_TYPE;
  return judgeDescription(parts.find(({ name }) => name === 'sdp')?.bytes);
};

const NO_TYPE = 'a session whose type is neither realtime nor transcription';

const hasType = (session: Readonly<Record<string, unknown>> | undefined): boolean =>
  session?.['type'] === 'realtime' || session?.['type'] === 'transcription';

const judgeDescription = (offer: Buffer | undefined): string | undefined =>
  offer?.toString('utf8').startsWith('v=0') ? undefined : 'a body without a session description';

export function answerOffer({ id }: AnswerCallInput): CallAnswer {
  const headers = [
    ['Content-Type', 'application/sdp'],
    ['Location', `/v1/realtime/calls/mock-call-${id}`],
  ] as const;
  return { status: 201, headers, body: MOCK_SDP };
}

const DEFAULT_SECONDS = 600;
const SHORTEST_SECONDS = 10;
const LONGEST_SECONDS = 7200;

const secondsOf = (body: Buffer): unknown =>
  asObject(readMessage(body)?.['expires_after'])?.['seconds'] ?? DEFAULT_SECONDS;

export const judgeClientSecret: JudgeRequest = ({ body }) => {
  const asked = readMessage(body);
  if (body.length > 0 && !asked) return 'a body that is not a JSON object';
  if (asked?.['session'] !== undefined && !hasType(asObject(asked['session']))) return NO_TYPE;
  const seconds = secondsOf(body);
  const isLegal = typeof seconds === 'number' && seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS;
  return isLegal ? undefined : 'expires_after.seconds is out of range';
};

export function createClientSecret({ request, issue }: AnswerCallInput): CallAnswer {
  const expires_at = Math.floor(Date.now() / 1000) + Number(secondsOf(request.body));
  const session = asObject(readMessage(request.body)?.['session']) ?? { type: 'realtime' };
  return jsonAnswer(200, { value: issue('ek_'), expires_at, session });
}
