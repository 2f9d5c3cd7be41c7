/** What ElevenLabs answers to a text that is to be spoken by a voice. */
import { readMessage } from './json-message.ts';
import type { AnswerCallInput, CallAnswer, JudgeRequest } from './vendor.ts';

/** Documented. What leads to other things of the workspace, such as earlier requests, is not among them. */
const FIELDS = [
  ...['text', 'model_id', 'language_code', 'voice_settings', 'seed', 'previous_text', 'next_text'],
  ...['apply_text_normalization', 'apply_language_text_normalization'],
];

export const judgeText: JudgeRequest = ({ body }) => {
  const asked = readMessage(body);
  if (typeof asked?.['text'] !== 'string') return 'a body without a text';
  const unknown = Object.keys(asked).find((name) => !FIELDS.includes(name));
  return unknown === undefined ? undefined : 'a body with a field that is not expected';
};

export function speak({ turn }: AnswerCallInput): CallAnswer {
  const headers = [
    ['Content-Type', 'audio/mpeg'],
    ['character-cost', '5'],
    ['request-id', 'mock-request'],
  ] as const;
  return { status: 200, headers, body: Buffer.concat([...turn.answer]) };
}
