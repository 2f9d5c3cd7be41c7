import { mount, openAiRealtime, openAiRest } from '@voxproxy/server';
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

test('openai offers a call, alone and with its session', async ({ page, sdk }) => {
  const mock = await sdk.mock('openai');
  const routes = openAiRest({ apiKey: sdk.apiKey, baseUrl: mock.url, models: ['gpt-realtime-2'] });
  await page.goto(`${await sdk.serve({ routes })}/openai-calls`);
  await expect
    .poll(() => lines(page))
    .toEqual([
      ...['/v1/realtime/calls/mock-call-1: v=0', '/v1/realtime/calls/mock-call-2: v=0'],
      'error: 403 This session.model is not allowed here.',
    ]);
  expect(mock.requests.map(({ body }) => body.includes('a=ice-ufrag:'))).toEqual([true, true]);
});
