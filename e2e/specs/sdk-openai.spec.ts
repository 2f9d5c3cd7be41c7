import { mount, openAiRealtime } from '@voxproxy/server';
import { expect, lines, test } from '../support/sdk-test.ts';

// The proxy's certificate is its own.
test.use({ ignoreHTTPSErrors: true });

test('openai holds a turn with the realtime API', async ({ page, sdk, witness }) => {
  const mock = await sdk.mock('openai');
  const routes = mount('/openai', openAiRealtime({ apiKey: sdk.apiKey, url: mock.urls.realtime }));
  // The SDK takes no ws:.
  const origin = await sdk.serve({ routes, devTls: true });
  await page.goto(`${origin}/openai-realtime`);
  await expect
    .poll(() => lines(page))
    .toEqual([
      ...['session.created', 'session.updated', 'user: What is the weather like?'],
      ...['audio: 960', 'audio: 960', 'audio: 960', 'assistant: It is sunny.', 'response.done: completed'],
    ]);
  const session = await mock.waitForSession();
  expect(new Map(session.request.headers).get('authorization')).toBe(`Bearer ${sdk.apiKey}`);
  expect(witness.count('handshake sent')).toBe(1);
});
