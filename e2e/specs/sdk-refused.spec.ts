import { anthropic, deepgram, elevenLabsAgents, mount, openAiRealtime } from '@voxproxy/server';
import type { VoiceProxyOptions } from '@voxproxy/server';
import { CLOSE_ROWS } from '@voxproxy/server/contract';
import type { SdkStack } from '../support/sdk-stack.ts';
import { expect, lines, test } from '../support/sdk-test.ts';
import { letPass, ownTime } from '../support/time-passes.ts';

const MINUTE_MS = 60_000;

type ToRoutes = (sdk: SdkStack) => VoiceProxyOptions['routes'];

const toDeepgram: ToRoutes = ({ apiKey }) => mount('/deepgram', deepgram({ apiKey }));
const toOpenAi: ToRoutes = ({ apiKey }) => mount('/openai', openAiRealtime({ apiKey }));
const toElevenLabs: ToRoutes = ({ apiKey }) =>
  mount('/elevenlabs', elevenLabsAgents({ apiKey, agents: ['agent_0123'] }));
const toAnthropic: ToRoutes = ({ apiKey }) => anthropic({ apiKey, models: ['claude-sonnet-5'] });

const { word } = CLOSE_ROWS.AuthExpired;
const SENTENCE = 'The token has expired. Ask for a new one and connect again.';

interface Refused {
  sdk: string;
  page: string;
  toRoutes: ToRoutes;
  devTls?: boolean;
  /** What the page can show of it with what its SDK lets it know. */
  shows: readonly string[];
}

const CASES: readonly Refused[] = [
  {
    ...{ sdk: '@deepgram/sdk', page: 'deepgram-agent', toRoutes: toDeepgram },
    shows: ['open', `Error: ${word} ${SENTENCE}`, `close: 1000 ${word}`],
  },
  {
    ...{ sdk: '@deepgram/sdk', page: 'deepgram-listen', toRoutes: toDeepgram },
    shows: [`Error: ${word} ${SENTENCE}`, `close: 1000 ${word}`],
  },
  {
    ...{ sdk: 'openai', page: 'openai-realtime', toRoutes: toOpenAi, devTls: true },
    shows: [
      `error: ${SENTENCE} code=${word} param=undefined type=proxy_error event_id=undefined`,
      `close: ${CLOSE_ROWS.AuthExpired.code} ${word}`,
    ],
  },
  {
    ...{ sdk: '@openai/agents-realtime', page: 'openai-agents', toRoutes: toOpenAi },
    shows: ['connecting', 'connected', `error: ${word} ${SENTENCE}`, 'disconnected'],
  },
  {
    ...{ sdk: '@elevenlabs/client', page: 'elevenlabs', toRoutes: toElevenLabs },
    shows: [`error: ${word}`],
  },
  {
    ...{ sdk: '@anthropic-ai/sdk', page: 'anthropic', toRoutes: toAnthropic },
    shows: [`error: 401 authentication_error ${SENTENCE}`],
  },
];

test.describe('a token that has run out', () => {
  // The proxy's certificate is its own.
  test.use({ tokenLifeMs: -MINUTE_MS, ignoreHTTPSErrors: true });

  for (const { sdk: name, page: path, toRoutes, devTls = false, shows } of CASES)
    test(`is told by ${name} on ${path}, which asks at most once more in a minute`, async ({
      page,
      sdk,
      witness,
    }) => {
      const origin = await sdk.serve({ routes: toRoutes(sdk), devTls });
      await ownTime(page);
      await page.goto(`${origin}/${path}`);
      await expect.poll(() => lines(page)).toEqual(shows);
      await letPass(page, MINUTE_MS);
      expect(await lines(page), 'and nothing more').toEqual(shows);
      expect(witness.countAbroad(origin)).toBeLessThanOrEqual(2);
      const refusals = sdk.log.lines.filter(({ fields }) => 'why' in fields);
      expect(refusals, 'the proxy has seen no other').toHaveLength(witness.countAbroad(origin));
    });

  test('would be asked about again and again by @deepgram/sdk, were it closed with the contract’s number', async ({
    page,
    sdk,
    witness,
  }) => {
    const route = deepgram({ apiKey: sdk.apiKey });
    const preset = { ...route.preset, refusal: 'close' as const, closeCodes: {} };
    const origin = await sdk.serve({ routes: mount('/deepgram', { ...route, preset }) });
    await ownTime(page);
    await page.goto(`${origin}/deepgram-agent`);
    await letPass(page, MINUTE_MS);
    expect(witness.countAbroad(origin), 'a minute did pass').toBeGreaterThan(4);
  });
});
