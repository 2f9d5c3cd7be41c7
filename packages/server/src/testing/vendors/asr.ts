/** A speech recogniser as the seeds have it: a recording in one binary message, or as a file in a form. */
import { jsonAnswer } from '../http-answers.ts';
import type { MockFrame } from '../message-reader.ts';
import { authorization, NO_CREDENTIAL } from '../rules/credential-slots.ts';
import { headerValues } from '../upgrade-request.ts';
import { readMessage } from './json-message.ts';
import { readMultipart } from './multipart.ts';
import type { AnswerCallInput, CallAnswer, Conversation, ConverseInput } from './vendor.ts';
import type { JudgeRequest, MockVendor } from './vendor.ts';

export type AsrService = 'recognise' | 'transcribe';

const MEBIBYTE = 1024 * 1024;
const MOCK_LANGUAGE = 'eng_Latn';

function judgeFrame({ kind, payload }: MockFrame, index: number): string | undefined {
  if (index === 0) {
    if (kind === 'binary') return 'the first frame is binary instead of meta';
    return readMessage(payload)?.['type'] === 'meta' ? undefined : 'the first message is not meta';
  }
  if (index > 1) return 'a message after the recording';
  return kind === 'binary' ? undefined : 'the recording is not binary';
}

const errorMessage = (_reason: unknown, message: string): string =>
  JSON.stringify({ type: 'error', message });

function converse({ turn }: ConverseInput): Conversation {
  let meta: Readonly<Record<string, unknown>> | undefined;
  const progress = [0, 50, 100].map((percentage) => ({
    part: JSON.stringify({ type: 'progress', data: 'transcribing', percentage }),
  }));
  const reply: Conversation['reply'] = ({ kind, payload }) => {
    if (kind === 'text') {
      meta = readMessage(payload);
      return meta ? [] : [errorMessage('request', 'not JSON')];
    }
    if (!meta) return [errorMessage('request', 'a recording without meta')];
    const { language = 'en', provider = 'mock', model = 'mock' } = meta;
    const done = { type: 'done', text: turn.userText, language, provider, model, phonetic: null };
    return [...progress, JSON.stringify(done)];
  };
  return { greeting: [], reply };
}

const judgeForm: JudgeRequest = ({ headers, body }) => {
  const parts = readMultipart(body, headerValues(headers, 'content-type')[0] ?? '');
  const files = parts?.filter(({ name }) => name === 'file') ?? [];
  const [file] = files;
  if (files.length !== 1 || !file) return 'a form without exactly one file';
  if (file.filename === undefined) return 'a file without a name';
  return file.bytes.length > 0 ? undefined : 'an empty file';
};

function transcribe({ request, turn }: AnswerCallInput): CallAnswer {
  const lang = request.query.find(([key]) => key === 'lang')?.[1];
  const fields = { text: turn.userText, duration_s: 1, inference_s: 0.1, lang: lang ?? MOCK_LANGUAGE };
  return jsonAnswer(200, { ...fields, lid_s: lang === undefined ? 0.01 : 0 });
}

export const asr: MockVendor<AsrService> = {
  title: 'Speech recogniser of the seeds',
  slots: { bearer: authorization('Bearer'), none: NO_CREDENTIAL },
  services: {
    recognise: {
      kind: 'upgrade',
      path: '/ws/transcribe',
      slots: ['bearer'],
      slotsOnRequest: ['none'],
      query: {},
      kindOfFrames: 'text',
      judgeFrame,
      converse,
    },
    transcribe: {
      kind: 'call',
      method: 'POST',
      path: '/transcribe',
      slots: ['bearer'],
      slotsOnRequest: ['none'],
      query: { optional: ['lang', 'source'], values: { lang: /^[a-z]{3}_[A-Z][a-z]{3}$/ } },
      contentType: /^multipart\/form-data;/,
      maxBodyBytes: 50 * MEBIBYTE,
      judgeBody: judgeForm,
      answer: transcribe,
    },
  },
  errorMessage,
  errorAnswer: (status, message) => jsonAnswer(status, { detail: message }),
  errorHeader: 'x-error',
};
