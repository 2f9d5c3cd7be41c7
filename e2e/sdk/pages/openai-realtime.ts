/** A turn, spoken and typed, by OpenAI's SDK as its documentation has it; only the base URL and the key differ. */
import OpenAI from 'openai';
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import { say, sayError, settings, silenceAsBase64 } from './page.ts';

const client = new OpenAI({
  apiKey: settings.token,
  baseURL: `${settings.proxy}/openai/v1`,
  dangerouslyAllowBrowser: true,
});
const realtime = new OpenAIRealtimeWebSocket({ model: 'gpt-realtime-2' }, client);

realtime.on('error', (error) => sayError(error));
realtime.socket.addEventListener('close', ({ code, reason }) => say('close', `${code} ${reason}`.trim()));
realtime.on('session.created', () => {
  say('session.created');
  realtime.send({
    type: 'session.update',
    session: { type: 'realtime', instructions: 'Be friendly.', audio: { input: { turn_detection: null } } },
  });
});
realtime.on('session.updated', () => {
  say('session.updated');
  for (let part = 0; part < 3; part++)
    realtime.send({ type: 'input_audio_buffer.append', audio: silenceAsBase64() });
  realtime.send({ type: 'input_audio_buffer.commit' });
  realtime.send({
    type: 'conversation.item.create',
    item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'And tomorrow?' }] },
  });
  realtime.send({ type: 'response.create' });
});
realtime.on('conversation.item.input_audio_transcription.completed', ({ transcript }) =>
  say('user', transcript),
);
realtime.on('response.output_audio.delta', ({ delta }) => say('audio', String(atob(delta).length)));
realtime.on('response.output_audio_transcript.done', ({ transcript }) => say('assistant', transcript));
realtime.on('response.output_text.done', ({ text }) => say('assistant', text));
realtime.on('response.done', ({ response }) => say('response.done', response.status));
