/** Live transcription with turns by @deepgram/sdk as its documentation has it; only the base URL and the key differ. */
import { DeepgramClient } from '@deepgram/sdk';
import { say, sayError, settings, silence, socketBase } from './page.ts';

const client = new DeepgramClient({ apiKey: settings.token, baseUrl: `${socketBase}/deepgram` });
const connection = await client.listen.v2.connect({
  model: 'flux-general-en',
  encoding: 'linear16',
  sample_rate: 24_000,
});

connection.on('error', (error) => sayError(error));
connection.on('close', ({ code, reason }) => say('close', `${code} ${reason ?? ''}`.trim()));
connection.on('message', (message) => {
  if (message.type === 'Connected') {
    for (let part = 0; part < 5; part++) connection.sendMedia(silence());
  }
  if (message.type !== 'TurnInfo') return say(message.type);
  if (message.event !== 'EndOfTurn') return say(message.event);
  say(message.event, message.transcript);
  connection.sendCloseStream({ type: 'CloseStream' });
});
connection.connect();
