/** Local upstreams for one test: without pace, gone when the test is, and then with nothing left open. */
import { expect, onTestFinished } from 'vitest';
import { startLocalUpstreams } from '../start-local-upstreams.ts';
import type { LocalUpstreamOptions, LocalUpstreams } from '../start-local-upstreams.ts';
import { openClient } from './upstream-client.ts';
import type { UpstreamClient } from './upstream-client.ts';

export const SECRET = 'dg-secret-1';

export const SETTINGS = {
  type: 'Settings',
  audio: {
    input: { encoding: 'linear16', sample_rate: 16_000 },
    output: { encoding: 'linear16', sample_rate: 24_000, container: 'none' },
  },
  agent: { language: 'en' },
};

export async function startForTest(options: Partial<LocalUpstreamOptions> = {}): Promise<LocalUpstreams> {
  const upstreams = await startLocalUpstreams({ secret: SECRET, sayRate: Infinity, ...options });
  onTestFinished(async () => {
    await upstreams.close();
    expect(upstreams.sessions()).toBe(0);
  });
  return upstreams;
}

/** An agent client whose settings are applied. */
export async function openAgent(
  { agentUrl }: LocalUpstreams,
  settings: object = SETTINGS,
): Promise<UpstreamClient> {
  const client = await openClient(agentUrl, ['token', SECRET]);
  await client.next('Welcome');
  client.send(settings);
  await client.next('SettingsApplied');
  return client;
}

export async function openListen({ listenUrl }: LocalUpstreams, more = ''): Promise<UpstreamClient> {
  return openClient(`${listenUrl}?model=nova-3&encoding=linear16&sample_rate=16000&channels=1${more}`, [
    'token',
    SECRET,
  ]);
}
