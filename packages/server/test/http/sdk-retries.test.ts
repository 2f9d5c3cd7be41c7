import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { openAiRest } from '../../src/index.ts';
import { answerJson } from '../support/claude-script.ts';
import type { HttpBench } from '../support/http-bench.ts';
import { anthropicAt, MODEL, PAGE, REST_KEY, startRestScript, type ToRoutes } from '../support/rest-bench.ts';

interface Sdk {
  readonly toRoutes: ToRoutes;
  /** Asks as often as the SDK wants to. */
  ask(bench: HttpBench, apiKey: string): Promise<unknown>;
}

const SDKS: Readonly<Record<string, Sdk>> = {
  openai: {
    toRoutes: (baseUrl) => openAiRest({ apiKey: REST_KEY, baseUrl, clientSecretSeconds: 60 }),
    ask: ({ url }, apiKey) =>
      new OpenAI({ apiKey, baseURL: `${url}/openai/v1`, maxRetries: 1 }).realtime.clientSecrets.create({
        session: { type: 'realtime', model: 'gpt-realtime' },
      }),
  },
  '@anthropic-ai/sdk': {
    toRoutes: anthropicAt(),
    ask: ({ url }, apiKey) =>
      new Anthropic({ apiKey, baseURL: `${url}/anthropic`, maxRetries: 1 }).messages.create({
        model: MODEL,
        max_tokens: 10,
        messages: [{ role: 'user', content: 'Hello' }],
      }),
  },
};

const statusOf = (asking: Promise<unknown>): Promise<unknown> =>
  asking.catch((error: { status?: number }) => error.status);

test.for(Object.entries(SDKS))(
  '%s asks once where the provider refuses the operator’s key',
  async ([, { toRoutes, ask }], context) => {
    const { bench, upstream } = await startRestScript(context, answerJson(401, {}), toRoutes);
    expect(await statusOf(ask(bench, bench.token()))).toBe(502);
    expect(upstream.requests).toHaveLength(1);
  },
);

test.for(Object.entries(SDKS))(
  '%s asks once where the user’s token is refused',
  async ([, { toRoutes, ask }], context) => {
    const { bench, upstream } = await startRestScript(context, answerJson(200, {}), toRoutes);
    expect(await statusOf(ask(bench, 'wrong'))).toBe(401);
    expect([bench.logs.length, upstream.requests.length]).toEqual([1, 0]);
  },
);

test.for(Object.entries(SDKS))(
  '%s asks as often as the provider says, where it says so',
  async ([, { toRoutes, ask }], context) => {
    const busy = answerJson(503, {}, { 'X-Should-Retry': 'false' });
    const { bench, upstream } = await startRestScript(context, busy, toRoutes);
    expect(await statusOf(ask(bench, bench.token()))).toBe(503);
    expect(upstream.requests).toHaveLength(1);
  },
);

test('lets pages of other origins read whether to try again', async (context) => {
  const { bench } = await startRestScript(context, answerJson(401, {}));
  const { headers } = await bench.post('/anthropic/v1/messages', { model: MODEL }, { origin: PAGE });
  expect(headers.get('access-control-expose-headers')).toContain('X-Should-Retry');
});
