import { mount, openAiRealtime } from '@voxproxy/server';
import { expect, lines, test } from '../support/sdk-test.ts';

test('@openai/agents-realtime holds a turn over a WebSocket', async ({ page, sdk, witness }) => {
  const mock = await sdk.mock('openai');
  const routes = mount('/openai', openAiRealtime({ apiKey: sdk.apiKey, url: mock.urls.realtime }));
  const origin = await sdk.serve({ routes });
  await page.goto(`${origin}/openai-agents`);
  await expect
    .poll(() => lines(page))
    .toEqual([
      ...['connecting', 'connected', 'user: What is the weather like?'],
      ...['audio: 960', 'audio: 960', 'audio: 960', 'Assistant: It is sunny.'],
      // What the user said: the SDK asks for it once it is transcribed.
      'retrieved',
    ]);
  const session = await mock.waitForSession();
  expect(new Map(session.request.headers).get('authorization')).toBe(`Bearer ${sdk.apiKey}`);
  expect(witness.count('handshake sent')).toBe(1);
});
