/** What a realtime service says when somebody has spoken: the transcript, and a whole response with its usage. */
import { RESPONSE_USAGE, type RealtimeNames, type Tell, TRANSCRIPTION_USAGE } from './realtime-messages.ts';
import type { Step, Turn } from './vendor.ts';

/** What stands in a conversation. */
export interface RealtimeItem {
  readonly id: string;
}

export interface TurnInput {
  readonly tell: Tell;
  readonly names: RealtimeNames;
  readonly turn: Turn;
  /** Counts the items of a session. */
  readonly number: number;
  /** Told of each item that comes into the conversation. */
  readonly remember: (item: RealtimeItem) => void;
}

/** The audio so far becomes an item and is transcribed. */
export function tellHeard({ tell, names, turn, number, remember }: TurnInput): Step[] {
  const item_id = `mock-item-${number}`;
  const content = [{ type: 'input_audio', transcript: turn.userText }];
  const item = { id: item_id, type: 'message', role: 'user', status: 'completed', content };
  remember(item);
  return [
    tell('input_audio_buffer.committed', { item_id, previous_item_id: null }),
    tell(names.item, { item }),
    tell('conversation.item.input_audio_transcription.completed', {
      ...{ item_id, content_index: 0, transcript: turn.userText, usage: TRANSCRIPTION_USAGE },
    }),
  ];
}

/** A response from its creation to its usage. */
export function tellResponse({ tell, names, turn, number, remember }: TurnInput): Step[] {
  const id = `mock-response-${number}`;
  const item_id = `mock-answer-${number}`;
  const place = { response_id: id, item_id, output_index: 0, content_index: 0 };
  const content = [{ type: 'output_audio', transcript: turn.assistantText }];
  const item = { id: item_id, type: 'message', role: 'assistant', status: 'completed', content };
  remember(item);
  const response = { object: 'realtime.response', id, output: [item], usage: RESPONSE_USAGE };
  return [
    tell('response.created', {
      response: { ...response, output: [], usage: null, status: 'in_progress' },
    }),
    tell('response.output_item.added', {
      ...{ response_id: id, output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    }),
    ...turn.assistantText
      .split(/(?<= )/)
      .map((delta) => tell(`${names.transcript}.delta`, { ...place, delta })),
    ...turn.answer.map((audio) => ({
      part: tell(`${names.audio}.delta`, { ...place, delta: audio.toString('base64') }),
    })),
    tell(`${names.audio}.done`, place),
    tell(`${names.transcript}.done`, { ...place, transcript: turn.assistantText }),
    tell('response.output_item.done', { response_id: id, output_index: 0, item }),
    tell('response.done', { response: { ...response, status: 'completed' } }),
  ];
}
