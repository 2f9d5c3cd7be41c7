import { randomBytes } from 'node:crypto';
import { startLocalUpstreams } from '../local/start-local-upstreams.ts';
import { DemoPage } from '../support/demo-page.ts';
import { StartedDemo } from '../support/started-demo.ts';
import { expect, test } from '../support/test.ts';

test('npm start serves a page that is answered on this machine, and ends at a signal', async ({
  page,
  witness,
}) => {
  const started = await StartedDemo.start({});
  witness.guard([], () => started.output);
  try {
    expect(started.output.join('')).toContain('Answered on this machine');
    const demo = new DemoPage(page);
    await demo.open(started.url);
    await demo.type('hello');
    await expect(demo.said('Agent')).toHaveText([/^Hello!/]);
  } finally {
    expect(await started.stop('SIGTERM')).toBe(0);
  }
});

test('npm start talks to the vendor where its key is set', async ({ page, witness }) => {
  const apiKey = randomBytes(20).toString('hex');
  const vendor = await startLocalUpstreams({ secret: apiKey });
  const started = await StartedDemo.start({ DEEPGRAM_API_KEY: apiKey, DEEPGRAM_AGENT_URL: vendor.agentUrl });
  witness.guard([apiKey], () => started.output);
  try {
    expect(started.output.join('')).toContain('Answered by Deepgram');
    const demo = new DemoPage(page);
    await demo.open(started.url);
    await expect(page.getByText('The key stays on the server')).toBeVisible();
    await demo.type('hello');
    await expect(demo.said('Agent')).toHaveText([/^Hello!/]);
    expect(vendor.sessions()).toBe(1);
  } finally {
    expect(await started.stop('SIGINT')).toBe(0);
    await vendor.close();
  }
});
