import { elevenLabsAgents, mount } from '@voxproxy/server';
import { expect, lines, test } from '../support/sdk-test.ts';

test('@elevenlabs/client holds a turn with an agent, by microphone', async ({ page, sdk, witness }) => {
  const mock = await sdk.mock('elevenlabs');
  const route = elevenLabsAgents({
    apiKey: sdk.apiKey,
    agents: ['agent_0123'],
    url: mock.urls.conversation,
  });
  const origin = await sdk.serve({ routes: mount('/elevenlabs', route) });
  await page.goto(`${origin}/elevenlabs`);
  await expect
    .poll(async () => (await lines(page)).slice(0, 6))
    .toEqual([
      ...['connected: mock-conversation-1', 'user: What is the weather like?', 'ai: It is sunny.'],
      ...['audio: 960', 'audio: 960', 'audio: 960'],
    ]);
  const session = await mock.waitForSession();
  expect(new Map(session.request.headers).get('xi-api-key')).toBe(sdk.apiKey);
  expect(witness.count('handshake sent')).toBe(1);
});
