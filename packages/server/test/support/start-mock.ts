/** A mock upstream that ends with its test. */
import { startMockDeepgram } from '../../src/testing/mock-deepgram.ts';
import type { MockDeepgramOptions } from '../../src/testing/mock-options.ts';
import type { MockUpstream } from '../../src/testing/mock-upstream.ts';
import type { TestCleanup } from './test-cleanup.ts';

/** What mocks of tests ask for. Holds every character that a subprotocol may hold and an encoding changes. */
export const MOCK_SECRET = "dg-mock-secret!#$&'*+.^_`|~0123456789";

export async function startMock(
  test: TestCleanup,
  options: Partial<MockDeepgramOptions> = {},
): Promise<MockUpstream> {
  const mock = await startMockDeepgram({ secret: MOCK_SECRET, ...options });
  test.onTestFinished(() => mock.close());
  return mock;
}
