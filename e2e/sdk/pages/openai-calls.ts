/** The offer of a call over WebRTC, with and without its session, by OpenAI's SDK; only the base URL and the key differ. */
import OpenAI from 'openai';
import { say, sayError, settings } from './page.ts';

const client = new OpenAI({
  apiKey: settings.token,
  baseURL: `${settings.proxy}/openai/v1`,
  dangerouslyAllowBrowser: true,
});
const model = 'gpt-realtime-2';

async function call(): Promise<void> {
  const connection = new RTCPeerConnection();
  connection.addTransceiver('audio');
  connection.createDataChannel('oai-events');
  const { sdp = '' } = await connection.createOffer();
  const alone = await client.realtime.calls.create({ sdp }, { query: { model } });
  await sayAnswer(alone);
  const session = { type: 'realtime', model, instructions: 'Be friendly.' } as const;
  await sayAnswer(await client.realtime.calls.create({ sdp, session }));
  await client.realtime.calls.create({ sdp, session: { ...session, model: 'gpt-4o-realtime-preview' } });
}

async function sayAnswer(answer: Response): Promise<void> {
  const [version = ''] = (await answer.text()).split('\r\n');
  say(answer.headers.get('location') ?? 'no place', version);
}

await call().catch(sayError);
