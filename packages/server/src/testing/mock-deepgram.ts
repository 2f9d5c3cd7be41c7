/** A mock of Deepgram under the short names of its two oldest services. Everything else is start-mock-upstream.ts's. */
import type { MockDeepgramOptions } from './mock-options.ts';
import type { MockUpstream } from './mock-upstream.ts';
import { startMockUpstream } from './start-mock-upstream.ts';

/** `startMockUpstream()` for Deepgram. Rejects with a TypeError for a secret or a scenario that cannot work. */
export async function startMockDeepgram(options: MockDeepgramOptions): Promise<MockUpstream> {
  const mock = await startMockUpstream({ ...options, vendor: 'deepgram' });
  return Object.assign(mock, { agentUrl: mock.urls.agent, listenUrl: mock.urls.listen });
}
