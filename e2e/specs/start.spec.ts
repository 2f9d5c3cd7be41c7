import { randomBytes } from 'node:crypto';
import { startLocalUpstreams } from '../local/start-local-upstreams.ts';
import type { LocalUpstreams } from '../local/start-local-upstreams.ts';
import { DemoPage } from '../support/demo-page.ts';
import { StartedDemo } from '../support/started-demo.ts';
import { expect, test as base } from '../support/test.ts';

interface Start {
  secret: string;
  /** Takes `secret` for the key. */
  vendor: LocalUpstreams;
  start(env: Readonly<Record<string, string>>): Promise<StartedDemo>;
}

const test = base.extend<Start>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright wants a pattern
  secret: async ({}, use) => use(randomBytes(20).toString('hex')),
  vendor: async ({ secret }, use) => {
    const vendor = await startLocalUpstreams({ secret });
    await use(vendor);
    await vendor.close();
  },
  start: async ({ witness, secret }, use) => {
    const all: StartedDemo[] = [];
    await use(async (env) => {
      const started = await StartedDemo.start(env);
      all.push(started);
      witness.guard([secret], () => started.output);
      return started;
    });
    await Promise.all(all.map((started) => started.stop('SIGKILL')));
  },
});

test('npm start serves a page that is answered on this machine, and ends at a signal', async ({
  page,
  secret,
  start,
}) => {
  const started = await start({ VOXPROXY_LOCAL_SECRET: secret });
  expect(started.output.join('')).toContain('Answered on this machine');
  const demo = new DemoPage(page);
  await demo.open(started.url);
  await demo.type('hello');
  await expect(demo.said('Agent')).toHaveText([/^Hello!/]);
  expect(await started.stop('SIGTERM')).toBe(0);
});

test('npm start talks to the vendor where its key is set', async ({ page, secret, start, vendor }) => {
  const started = await start({ DEEPGRAM_API_KEY: secret, DEEPGRAM_AGENT_URL: vendor.agentUrl });
  expect(started.output.join('')).toContain('Answered by Deepgram');
  const demo = new DemoPage(page);
  await demo.open(started.url);
  await expect(page.getByText('The key stays on the server')).toBeVisible();
  await demo.type('hello');
  await expect(demo.said('Agent')).toHaveText([/^Hello!/]);
  expect(vendor.sessions()).toBe(1);
  expect(await started.stop('SIGINT')).toBe(0);
});
