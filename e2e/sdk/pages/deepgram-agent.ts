/** A call with Deepgram's voice agent, by @deepgram/sdk as its documentation has it; only the base URL and the key differ. */
import { DeepgramClient } from '@deepgram/sdk';
import { say, sayError, settings, silence, socketBase } from './page.ts';

const client = new DeepgramClient({ apiKey: settings.token, baseUrl: `${socketBase}/deepgram` });
const connection = await client.agent.v1.connect();

connection.on('open', () => say('open'));
connection.on('error', (error) => sayError(error));
connection.on('close', ({ code, reason }) => say('close', `${code} ${reason ?? ''}`.trim()));
connection.on('message', (message) => {
  if (message instanceof Blob) return say('audio', String(message.size));
  if (typeof message !== 'object') return say('message', message);
  if (message.type === 'Welcome') configure();
  if (message.type === 'SettingsApplied') talk();
  if (message.type === 'ConversationText') return say(message.role, message.content);
  if (message.type === 'Error') return say('Error', `${message.code} ${message.description}`);
  return say(message.type);
});
connection.connect();

function configure(): void {
  connection.sendSettings({
    type: 'Settings',
    audio: {
      input: { encoding: 'linear16', sample_rate: 24_000 },
      output: { encoding: 'linear16', sample_rate: 24_000, container: 'none' },
    },
    agent: {
      listen: { provider: { type: 'deepgram', version: 'v1', model: 'nova-3' } },
      think: {
        provider: { type: 'open_ai', model: 'gpt-4o-mini' },
        prompt: 'You are a friendly AI assistant.',
      },
      speak: { provider: { type: 'deepgram', model: 'aura-2-thalia-en' } },
    },
  });
}

function talk(): void {
  for (let part = 0; part < 5; part++) connection.sendMedia(silence());
}
