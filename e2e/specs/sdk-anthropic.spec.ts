import { anthropic } from '@voxproxy/server';
import { expect, lines, test } from '../support/sdk-test.ts';

test('@anthropic-ai/sdk asks, and is answered whole and streamed', async ({ page, sdk, witness }) => {
  const mock = await sdk.mock('claude');
  const routes = anthropic({ apiKey: sdk.apiKey, models: ['claude-sonnet-5'], baseUrl: mock.url });
  const origin = await sdk.serve({ routes });
  await page.goto(`${origin}/anthropic`);
  await expect
    .poll(() => lines(page))
    .toEqual(['message: It is sunny.', 'text: It', 'text:  is', 'text:  sunny.', 'end: end_turn 3']);
  const keys = mock.requests.map(({ headers }) => new Map(headers).get('x-api-key'));
  expect(keys).toEqual([sdk.apiKey, sdk.apiKey]);
  expect(witness.count('response body'), 'bodies were looked at').toBeGreaterThan(0);
});
