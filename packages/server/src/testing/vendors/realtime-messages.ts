/** The server messages of the realtime dialect as texts, with ids that are alike in every run. Decides nothing about their order. */

/** What the message types are called; the services that speak the dialect have not all moved to the newer names. */
export interface RealtimeNames {
  /** The beginning of `….delta` and `….done` for audio. */
  readonly audio: string;
  /** The same for its transcript. */
  readonly transcript: string;
  /** Tells that an item stands in the conversation. */
  readonly item: string;
}

export const NEWER_NAMES: RealtimeNames = {
  audio: 'response.output_audio',
  transcript: 'response.output_audio_transcript',
  item: 'conversation.item.added',
};

export const OLDER_NAMES: RealtimeNames = {
  audio: 'response.audio',
  transcript: 'response.audio_transcript',
  item: 'conversation.item.created',
};

/** A session description that no peer connection would take; enough for signalling. */
export const MOCK_SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=mock\r\nt=0 0\r\n';

/** Writes messages, each with the next event id. */
export type Tell = (type: string, fields?: object) => string;

export function createTell(session: number): Tell {
  let events = 0;
  return (type, fields = {}) =>
    JSON.stringify({ event_id: `mock-event-${session}-${++events}`, type, ...fields });
}

export const TRANSCRIPTION_USAGE = { type: 'duration', seconds: 1 } as const;

export const RESPONSE_USAGE = {
  total_tokens: 30,
  input_tokens: 10,
  output_tokens: 20,
  input_token_details: { text_tokens: 4, audio_tokens: 6, cached_tokens: 0 },
  output_token_details: { text_tokens: 5, audio_tokens: 15 },
} as const;

export interface RealtimeProblem {
  readonly code: string;
  readonly message: string;
  /** The id of the client's event that was wrong, where it has one. */
  readonly eventId?: unknown;
}

export function realtimeError(tell: Tell, { code, message, eventId }: RealtimeProblem): string {
  const event_id = typeof eventId === 'string' ? eventId : null;
  const error = { type: 'invalid_request_error', code, message, param: null, event_id };
  return tell('error', { error });
}
