/** Live transcription by @deepgram/sdk as its documentation has it; only the base URL and the key differ. */
import { DeepgramClient } from '@deepgram/sdk';
import { say, sayError, settings, silence, socketBase } from './page.ts';

const client = new DeepgramClient({ apiKey: settings.token, baseUrl: `${socketBase}/deepgram` });
const connection = await client.listen.v1.connect({
  model: 'nova-3',
  language: 'en',
  encoding: 'linear16',
  sample_rate: 24_000,
  punctuate: 'true',
  interim_results: 'true',
});

connection.on('error', (error) => sayError(error));
connection.on('close', ({ code, reason }) => say('close', `${code} ${reason ?? ''}`.trim()));
connection.on('message', (message) => {
  // The SDK's types know no errors here.
  const { type, code, description } = message as { type: string; code?: string; description?: string };
  if (type === 'Error') return say('Error', `${code} ${description}`);
  if (message.type !== 'Results') return say(message.type);
  if (message.is_final) say('final', message.channel.alternatives[0]?.transcript);
  if (message.from_finalize) connection.sendCloseStream({ type: 'CloseStream' });
});
connection.on('open', () => {
  for (let part = 0; part < 5; part++) connection.sendMedia(silence());
  connection.sendFinalize({ type: 'Finalize' });
});
connection.connect();
