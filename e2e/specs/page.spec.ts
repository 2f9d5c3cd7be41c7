import { PHRASES } from '../app/recordings.ts';
import { replyTo } from '../local/commands.ts';
import { DemoPage } from '../support/demo-page.ts';
import { expect, test } from '../support/test.ts';

test('a reload in mid-call ends the upstream session, and a new call works', async ({ page, stack }) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.type('tell me a story');
  await expect(demo.agent).toContainText('Speaking');
  expect(stack.upstreams.sessions()).toBe(1);
  await page.reload();
  await expect.poll(() => stack.upstreams.sessions()).toBe(0);
  await expect.poll(() => stack.proxy.sessions).toBe(0);
  await demo.type('hello');
  await expect(demo.said('Agent')).toHaveText([/^Hello!/]);
  expect(stack.upstreams.sessions()).toBe(1);
});

test('where there is no microphone the page says so, and plays a recording instead', async ({
  page,
  stack,
}) => {
  test.skip(!stack.upstreams.hasRecogniser, 'reason: no recogniser on this machine');
  await page.addInitScript(() => {
    const missing = new DOMException('Requested device not found', 'NotFoundError');
    navigator.mediaDevices.getUserMedia = () => Promise.reject(missing);
  });
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.talk.click();
  await expect(demo.alert).toContainText('No microphone was found');
  await demo.recording('What time is it').click();
  await expect(demo.said('You')).toHaveText(['what time is it']);
  await expect(demo.said('Agent')).toHaveText([/^It is .+ in the (morning|afternoon|evening)\.$/]);
  await expect(demo.alert).toBeEmpty();
});

test('a server that goes away in mid-call is told in words', async ({ page, stack }) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.type('hello');
  await expect(demo.said('Agent')).toHaveText([/^Hello!/]);
  await stack.close();
  await expect(demo.lines.filter({ hasText: 'Connecting again' })).toHaveCount(1);
  await expect(demo.alert).toContainText('Check that the demo server still runs');
  await expect(demo.connection).toHaveText('Could not connect');
});

test('a call can be made by keyboard alone', async ({ page, stack }) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await page.keyboard.press('Tab');
  await expect(demo.talk).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(demo.connection).toHaveText('Connected');
  await expect(demo.hangUp).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(demo.connection).toHaveText('Not connected');
});

for (const [name, viewport] of [
  ['a phone', { width: 390, height: 844 }],
  ['a wide window', { width: 1280, height: 800 }],
] as const) {
  test(`nothing sticks out of ${name}`, async ({ page, stack }) => {
    await page.setViewportSize(viewport);
    const demo = new DemoPage(page);
    await demo.open(stack.url);
    await demo.type('tell me a joke');
    await expect(demo.said('Agent')).toHaveCount(1);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(viewport.width);
  });
}

test('every phrase that the page suggests is one that the local agent knows', () => {
  const unknown = PHRASES.filter((phrase) => replyTo(phrase, new Date()).startsWith('I heard'));
  expect(unknown).toEqual([]);
});

test('the backend answers only for its own address, and says how the proxy is', async ({
  request,
  stack,
}) => {
  const health = await request.get(`${stack.url}/voice/health`);
  expect(await health.json()).toMatchObject({ status: 'healthy', service: 'voxproxy' });
  const foreign = await request.post(`${stack.url}/demo/token`, { headers: { host: 'rebound.example' } });
  expect(foreign.status()).toBe(403);
  const outside = await request.get(`${stack.url}/..%2f..%2fpackage.json`);
  expect(outside.status()).toBe(404);
});
