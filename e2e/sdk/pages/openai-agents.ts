/** A session of OpenAI's Agents SDK over a WebSocket as its documentation has it; only the URL and the key differ. */
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession } from '@openai/agents-realtime';
import { say, sayError, settings, silence, socketBase } from './page.ts';

const MODEL = 'gpt-realtime-2';
const transport = new OpenAIRealtimeWebSocket({
  url: `${socketBase}/openai/v1/realtime?model=${MODEL}`,
  useInsecureApiKey: true,
});
const agent = new RealtimeAgent({ name: 'Assistant', instructions: 'You are a helpful assistant.' });
const session = new RealtimeSession(agent, { transport, model: MODEL });

session.on('error', ({ error }) => {
  if (isServerError(error)) return say('error', `${error.error.code} ${error.error.message}`);
  return sayError(error);
});
session.on('audio', ({ data }) => say('audio', String(data.byteLength)));
session.on('agent_end', (_, { name }, text) => say(name, text));
session.transport.on('connection_change', (status) => say(status));
session.transport.on('*', ({ type }) => {
  if (type === 'conversation.item.retrieved') say('retrieved');
});
session.on('history_added', (item) => {
  if (item.type !== 'message') return;
  for (const part of item.content) if (part.type === 'input_audio') say(item.role, part.transcript ?? '');
});

try {
  await session.connect({ apiKey: settings.token });
  for (let part = 0; part < 5; part++) session.sendAudio(silence());
} catch (error) {
  sayError(error);
}

/** The API's own error, which the SDK hands on as it came. */
function isServerError(error: unknown): error is { error: { code: string; message: string } } {
  return typeof error === 'object' && error !== null && 'error' in error;
}
