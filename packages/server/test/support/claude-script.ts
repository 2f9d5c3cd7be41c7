/** Answers of the Messages API, whole and as events, as its documentation shows them. */
import type { UpstreamScript } from './http-upstream.ts';

export const CLAUDE_KEY = 'sk-ant-test-0123456789-abcdefghij';
export const MODEL = 'claude-test-1';

export const message = (text: string): object => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: MODEL,
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 150, output_tokens: 89 },
});

export const eventText = (type: string, more: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

export const startText = (): string =>
  eventText('message_start', {
    message: { model: MODEL, usage: { input_tokens: 25, output_tokens: 1 } },
  }) + eventText('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });

export const deltaText = (text: string): string =>
  eventText('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });

export const endText = (): string =>
  eventText('content_block_stop', { index: 0 }) +
  eventText('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 15 } }) +
  eventText('message_stop');

/** Answers every request with this text, as events where they are asked for. */
export function answering(text: string): UpstreamScript {
  return async (response, request, whole) => {
    await whole();
    const { stream } = JSON.parse(request.body.toString()) as { stream?: boolean };
    if (stream === true) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
      response.end(startText() + deltaText(text) + endText());
    } else answerJson(200, message(text))(response, request, whole);
  };
}

/** Answers with a status and a JSON body. */
export function answerJson(
  status: number,
  body: object,
  headers: Record<string, string> = {},
): UpstreamScript {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}
