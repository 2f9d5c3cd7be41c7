/** What an ElevenLabs agent says: metadata first, pings that want their pong, and turns with audio in base64. */
import { CLOSE_ROWS } from '../../contract/index.ts';
import { readMessage } from './json-message.ts';
import type { Conversation, ConverseInput, ErrorReason, Step } from './vendor.ts';

const message = (type: string, fields: object): string => JSON.stringify({ type, ...fields });

export const errorMessage = (reason: ErrorReason, text: string): string =>
  message('error', {
    error_event: {
      code: CLOSE_ROWS.BadRequest.code,
      message: text,
      error_type: reason === 'auth' ? 'unknown' : 'invalid_message',
    },
  });

const metadata = (id: number): string =>
  message('conversation_initiation_metadata', {
    conversation_initiation_metadata_event: {
      conversation_id: `mock-conversation-${id}`,
      agent_output_audio_format: 'pcm_16000',
      user_input_audio_format: 'pcm_16000',
    },
  });

export function converseAsAgent({ id, turn }: ConverseInput): Conversation {
  let events = 0;
  let heard = 0;
  let pinged = 0;
  const ping = (): string => {
    pinged = ++events;
    return message('ping', { ping_event: { event_id: pinged, ping_ms: null } });
  };
  const speak = (userText: string): Step[] => [
    message('user_transcript', {
      user_transcription_event: { user_transcript: userText, event_id: ++events },
    }),
    message('agent_response', {
      agent_response_event: { agent_response: turn.assistantText, event_id: ++events },
    }),
    ...turn.answer.map((audio) => ({
      part: message('audio', {
        audio_event: { audio_base_64: audio.toString('base64'), event_id: ++events },
      }),
    })),
    ping(),
  ];
  const listen = (): Step[] => {
    heard = (heard % turn.audioFrames) + 1;
    return heard === turn.audioFrames ? speak(turn.userText) : [];
  };
  const reply: Conversation['reply'] = ({ payload }) => {
    const told = readMessage(payload);
    if (told?.['user_audio_chunk'] !== undefined) return listen();
    if (told?.['type'] === 'user_message') return speak(String(told['text']));
    // A pong for a ping that was never sent is somebody else's invention.
    if (told?.['type'] === 'pong')
      return told['event_id'] === pinged ? [] : [errorMessage('request', 'a pong without its ping')];
    return told ? [] : [errorMessage('request', 'not JSON')];
  };
  return { greeting: [metadata(id), ping()], reply };
}
