import { randomBytes } from 'node:crypto';
import { createDevelopmentToken } from '@voxproxy/server';
import { startLocalUpstreams } from '../local/start-local-upstreams.ts';
import type { LocalUpstreams } from '../local/start-local-upstreams.ts';
import { AgentClient } from '../support/agent-client.ts';
import { startReadmeServer } from '../support/readme-server.ts';
import type { ReadmeServer } from '../support/readme-server.ts';
import { expect, test as base } from '../support/test.ts';

interface Readme extends ReadmeServer {
  token: string;
  upstreams: LocalUpstreams;
}

const test = base.extend<{ readme: Readme }>({
  readme: async ({ witness, page }, use, testInfo) => {
    const [apiKey, jwtSecret] = [randomBytes(20).toString('hex'), randomBytes(32).toString('hex')];
    const token = await createDevelopmentToken({ secret: jwtSecret, sub: 'reader' });
    const upstreams = await startLocalUpstreams({ secret: apiKey });
    const server = await startReadmeServer({
      ...{ folder: testInfo.outputPath('readme'), agentUrl: upstreams.agentUrl },
      ...{ apiKey, jwtSecret, token },
    }).catch(async (error: unknown) => {
      await upstreams.close();
      throw error;
    });
    witness.guard([apiKey, jwtSecret], () => server.output);
    await use({ ...server, token, upstreams });
    await witness.lookAtPages();
    await page.close();
    await expect.poll(() => upstreams.sessions(), 'upstream sessions end with their clients').toBe(0);
    await server.close();
    await upstreams.close();
  },
});

test('a plain ws client holds a conversation through the server of the README', async ({
  readme,
  witness,
}) => {
  const { port, token, upstreams } = readme;
  const client = await AgentClient.open(`ws://127.0.0.1:${port}/deepgram-proxy?token=${token}`);
  witness.guard([], () => client.frames);
  client.send({ type: 'Settings', audio: {}, agent: {} });
  await client.message('SettingsApplied');
  client.send({ type: 'InjectUserMessage', content: 'what is the weather' });
  await client.message('AgentAudioDone');
  expect(client.messages('ConversationText')).toMatchObject([
    { role: 'user', content: 'what is the weather' },
    { role: 'assistant', content: expect.stringContaining('no window') },
  ]);
  expect(client.audio()).toEqual(upstreams.sent()[0]);
  expect(client.audio().bytes).toBeGreaterThan(24_000);
  await client.close();
});

test('the server of the README leaves bodies to the application around it', async ({ readme, request }) => {
  const answer = await request.post(`http://127.0.0.1:${readme.port}/echo`, { data: { told: 'once' } });
  expect(await answer.json()).toEqual({ told: 'once' });
});

test('the page of the README talks through the server of the README', async ({ page, readme }) => {
  test.skip(!readme.upstreams.hasRecogniser, 'reason: no recogniser on this machine');
  await page.goto(`http://127.0.0.1:${readme.port}/`);
  await page.getByRole('button', { name: 'Talk' }).click();
  await expect(page.getByRole('listitem')).toHaveText([/^user: \w/, /^assistant: \w/]);
  await page.getByRole('button', { name: 'Hang up' }).click();
  await expect(page.getByRole('button', { name: 'Talk' })).toBeVisible();
});
