/** Speech from text by @deepgram/sdk as its documentation has it; only the base URL and the key differ. */
import { DeepgramClient } from '@deepgram/sdk';
import { say, sayError, settings, socketBase } from './page.ts';

const client = new DeepgramClient({ apiKey: settings.token, baseUrl: `${socketBase}/deepgram` });
const connection = await client.speak.v1.connect({
  model: 'aura-2-thalia-en',
  encoding: 'linear16',
  sample_rate: '24000',
});

connection.on('error', (error) => sayError(error));
connection.on('close', ({ code, reason }) => say('close', `${code} ${reason ?? ''}`.trim()));
connection.on('message', (message) => {
  if (message instanceof Blob) return say('audio', String(message.size));
  if (typeof message !== 'object') return say('message', message);
  if (message.type === 'Flushed') connection.sendClose({ type: 'Close' });
  return say(message.type);
});
connection.on('open', () => {
  connection.sendText({ type: 'Speak', text: 'Hello.' });
  connection.sendFlush({ type: 'Flush' });
});
connection.connect();
