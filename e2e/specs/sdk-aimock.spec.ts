import { LLMock } from '@copilotkit/aimock';
import { mount, openAiRealtime } from '@voxproxy/server';
import { expect, lines, test as base } from '../support/sdk-test.ts';

/** A mock of OpenAI that knows nothing of this project, and takes nobody who does not show the key. */
const test = base.extend<{ aimock: LLMock }>({
  aimock: async ({ sdk }, use) => {
    const aimock = new LLMock({ port: 0, host: '127.0.0.1', auth: { apiKeys: [sdk.apiKey] } });
    aimock.onMessage('And tomorrow?', { content: 'Rain, I am afraid.' });
    await aimock.start();
    await use(aimock);
    await aimock.stop();
  },
});

// The proxy's certificate is its own.
test.use({ ignoreHTTPSErrors: true });

test('openai holds a turn with aimock in OpenAI’s place', async ({ page, sdk, aimock, witness }) => {
  const url = `${aimock.url.replace('http', 'ws')}/v1/realtime`;
  const routes = mount('/openai', openAiRealtime({ apiKey: sdk.apiKey, url }));
  const origin = await sdk.serve({ routes, devTls: true });
  await page.goto(`${origin}/openai-realtime`);
  await expect
    .poll(() => lines(page))
    .toEqual([
      ...['session.created', 'session.updated'],
      ...['assistant: Rain, I am afraid.', 'response.done: completed'],
    ]);
  expect(aimock.getRequests().map(({ path }) => path)).toEqual(['/v1/realtime']);
  expect(witness.count('handshake sent')).toBe(1);
});
