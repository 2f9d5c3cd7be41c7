/** A proxy with routes to REST APIs, in front of a mock of their provider or of a scripted server. */
import { anthropic, type AnthropicOptions, type HttpRoute, type VoiceProxyOptions } from '../../src/index.ts';
import type { MockUpstreamOptions } from '../../src/testing/mock-options.ts';
import type { MockOf } from '../../src/testing/mock-upstream.ts';
import type { VendorName } from '../../src/testing/vendors/index.ts';
import { startHttpBench, type HttpBench } from './http-bench.ts';
import { startHttpUpstream, type HttpUpstream, type UpstreamScript } from './http-upstream.ts';
import { startMockOf } from './mock-cases.ts';
import type { TestCleanup } from './test-cleanup.ts';

/** Makes routes to the provider at this address. */
export type ToRoutes = (baseUrl: string) => Record<string, HttpRoute>;

export const PAGE = 'https://app.example.com';
/** Holds what an encoding changes. */
export const REST_KEY = 'sk-rest/0123456789+abcdef~ghij';

export interface RestMock<Vendor extends VendorName> {
  readonly bench: HttpBench;
  readonly mock: MockOf<Vendor>;
}

/** In front of a mock, which fails the test when it was asked for anything that its provider does not document. */
export async function startRestMock<Vendor extends VendorName>(
  test: TestCleanup,
  vendor: Vendor,
  toRoutes: ToRoutes,
  more: { mock?: Partial<MockUpstreamOptions>; proxy?: Partial<VoiceProxyOptions> } = {},
): Promise<RestMock<Vendor>> {
  const mock = await startMockOf(test, vendor, more.mock);
  const bench = await startHttpBench(test, { routes: toRoutes(mock.url), origins: [PAGE], ...more.proxy });
  return { bench, mock };
}

export interface RestScript {
  readonly bench: HttpBench;
  readonly upstream: HttpUpstream;
}

/** In front of a server that answers as the test says. */
export async function startRestScript(
  test: TestCleanup,
  script: UpstreamScript,
  toRoutes: ToRoutes = anthropicAt(),
  proxy: Partial<VoiceProxyOptions> = {},
): Promise<RestScript> {
  const upstream = await startHttpUpstream(test, script);
  const bench = await startHttpBench(test, { routes: toRoutes(upstream.url), origins: [PAGE], ...proxy });
  return { bench, upstream };
}

export const MODEL = 'claude-test-1';
export const ASKED = { model: MODEL, max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
export const MESSAGES = '/anthropic/v1/messages';

/** With this key, unless the options say otherwise. */
export const anthropicAt =
  (more: Partial<AnthropicOptions> = {}): ToRoutes =>
  (baseUrl) =>
    anthropic({ apiKey: REST_KEY, models: [MODEL], baseUrl, ...more });
