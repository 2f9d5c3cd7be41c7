import { deepgram, mount } from '@voxproxy/server';
import type { MockOf } from '@voxproxy/server/testing';
import type { SdkStack } from '../support/sdk-stack.ts';
import { expect, lines, test } from '../support/sdk-test.ts';

/** Deepgram's own paths below the base URL that the pages use. */
async function serve(sdk: SdkStack): Promise<{ mock: MockOf<'deepgram'>; origin: string }> {
  const mock = await sdk.mock('deepgram');
  const { agent, listen, listenV2, speak } = mock.urls;
  const urls = { agentUrl: agent, listenUrl: listen, listenV2Url: listenV2, speakUrl: speak };
  const origin = await sdk.serve({ routes: mount('/deepgram', deepgram({ apiKey: sdk.apiKey, ...urls })) });
  return { mock, origin };
}

test('@deepgram/sdk holds a turn with the voice agent', async ({ page, sdk, witness }) => {
  const { mock, origin } = await serve(sdk);
  await page.goto(`${origin}/deepgram-agent`);
  await expect
    .poll(() => lines(page))
    .toEqual([
      ...['open', 'Welcome', 'SettingsApplied', 'UserStartedSpeaking', 'user: What is the weather like?'],
      ...['AgentThinking', 'assistant: It is sunny.', 'AgentStartedSpeaking'],
      ...['audio: 960', 'audio: 960', 'audio: 960', 'AgentAudioDone'],
    ]);
  const session = await mock.waitForSession();
  expect(session.request.subprotocols).toEqual(['token', sdk.apiKey]);
  expect(witness.count('handshake sent')).toBe(1);
});

test('@deepgram/sdk transcribes live', async ({ page, sdk }) => {
  const { mock, origin } = await serve(sdk);
  await page.goto(`${origin}/deepgram-listen`);
  const said = 'final: What is the weather like?';
  await expect
    .poll(() => lines(page))
    .toEqual([said, 'UtteranceEnd', said, 'Metadata', expect.stringMatching(/^close: 1000/)]);
  const session = await mock.waitForSession();
  expect(session.request.subprotocols).toEqual(['token', sdk.apiKey]);
});

test('@deepgram/sdk transcribes turns', async ({ page, sdk }) => {
  const { mock, origin } = await serve(sdk);
  await page.goto(`${origin}/deepgram-flux`);
  await expect
    .poll(() => lines(page))
    .toEqual([
      ...['Connected', 'StartOfTurn', 'Update', 'Update', 'Update'],
      ...['EndOfTurn: What is the weather like?', expect.stringMatching(/^close: 1000/)],
    ]);
  const session = await mock.waitForSession();
  expect(session.request.subprotocols).toEqual(['token', sdk.apiKey]);
});

test('@deepgram/sdk speaks', async ({ page, sdk }) => {
  const { mock, origin } = await serve(sdk);
  await page.goto(`${origin}/deepgram-speak`);
  await expect
    .poll(() => lines(page))
    .toEqual([
      ...['Metadata', 'audio: 960', 'audio: 960', 'audio: 960', 'Flushed'],
      expect.stringMatching(/^close: 1000/),
    ]);
  const session = await mock.waitForSession();
  expect(session.request.subprotocols).toEqual(['token', sdk.apiKey]);
});
