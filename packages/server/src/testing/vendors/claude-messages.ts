/** A message of Claude as JSON and as server-sent events, with its usage. */
import { jsonAnswer } from '../http-answers.ts';
import { readMessage } from './json-message.ts';
import type { AnswerCallInput, CallAnswer, JudgeRequest } from './vendor.ts';

const INPUT_TOKENS = 12;

export const judgeMessage: JudgeRequest = ({ body }) => {
  const asked = readMessage(body);
  if (!asked) return 'a body that is not a JSON object';
  if (typeof asked['model'] !== 'string') return 'a body without a model';
  if (!Number.isInteger(asked['max_tokens'])) return 'a body without max_tokens';
  const { messages, stream } = asked as { messages?: unknown; stream?: unknown };
  if (!Array.isArray(messages) || messages.length === 0) return 'a body without messages';
  return stream === undefined || typeof stream === 'boolean' ? undefined : 'stream is not a boolean';
};

/** A message that is not asked for may say nothing of its answer. */
export const judgeCount: JudgeRequest = ({ body }) => {
  const asked = readMessage(body);
  if (!asked) return 'a body that is not a JSON object';
  if (typeof asked['model'] !== 'string') return 'a body without a model';
  if (!Array.isArray(asked['messages'])) return 'a body without messages';
  return 'max_tokens' in asked || 'stream' in asked ? 'a count with what belongs to an answer' : undefined;
};

export const answerCount = (): CallAnswer => jsonAnswer(200, { input_tokens: INPUT_TOKENS });

/** Words with the blanks before them: what the stream sends one by one, and what counts as a token. */
const wordsOf = (text: string): string[] => text.split(/(?= )/);

export function answerMessage({ id, request, turn }: AnswerCallInput): CallAnswer {
  const asked = readMessage(request.body);
  const words = wordsOf(turn.assistantText);
  const message = {
    ...{ id: `mock-message-${id}`, type: 'message', role: 'assistant', model: asked?.['model'] },
    content: [{ type: 'text', text: turn.assistantText }],
    ...{ stop_reason: 'end_turn', stop_sequence: null },
    usage: { input_tokens: INPUT_TOKENS, output_tokens: words.length },
  };
  if (asked?.['stream'] !== true) return jsonAnswer(200, message);
  const headers = [
    ['Content-Type', 'text/event-stream; charset=utf-8'],
    ['Cache-Control', 'no-cache'],
  ] as const;
  return { status: 200, headers, body: eventsOf(message, words) };
}

const event = (type: string, fields: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

function eventsOf(message: object, words: readonly string[]): string[] {
  const usage = { input_tokens: INPUT_TOKENS, output_tokens: 1 };
  const start = { ...message, content: [], stop_reason: null, usage };
  return [
    event('message_start', { message: start }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('ping'),
    ...words.map((text) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
    event('content_block_stop', { index: 0 }),
    event('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: words.length },
    }),
    event('message_stop'),
  ];
}
