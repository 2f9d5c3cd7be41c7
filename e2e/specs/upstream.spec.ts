import { CLOSE_ROWS } from '@voxproxy/server/contract';
import { toWav } from '../local/pcm16.ts';
import { DemoPage } from '../support/demo-page.ts';
import { expect, test } from '../support/test.ts';

test.describe('a provider that refuses the key', () => {
  test.use({ stackOptions: { apiKey: 'not-the-key-that-the-upstream-wants' } });

  test('is told in words, as no fault of the visitor', async ({ page, stack }) => {
    const demo = new DemoPage(page);
    await demo.open(stack.url);
    await demo.talk.click();
    await expect(demo.connection).toHaveText('Could not connect');
    await expect(demo.alert).toContainText('The provider refused the server’s key');
    expect(new Set(stack.log.codes())).toEqual(new Set([CLOSE_ROWS.UpstreamAuth.word]));
  });
});

test('a provider that is down is told in words, and the next try works when it is back', async ({
  page,
  stack,
}) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  stack.upstreams.faults.refuse = 503;
  await demo.talk.click();
  await expect(demo.connection).toHaveText('Could not connect');
  await expect(demo.alert).toContainText('The voice provider cannot be reached');
  stack.upstreams.faults.refuse = undefined;
  await demo.talk.click();
  await expect(demo.connection).toHaveText('Connected');
  await expect(demo.alert).toBeEmpty();
});

test('a provider that dies in mid-answer is told, and the page connects again by itself', async ({
  page,
  stack,
}) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  stack.upstreams.faults.midAnswer = { afterBytes: 30_000, end: 'destroy' };
  await demo.type('tell me a story');
  await expect(demo.lines.filter({ hasText: 'No connection to the voice provider' })).toHaveCount(1);
  await expect(demo.lines.filter({ hasText: /^Connected again after \d+ ms/ })).toHaveCount(1);
  expect(stack.upstreams.sent()[0]?.bytes, 'it died in the middle').toBe(30_000);
  await demo.type('hello');
  await expect(demo.said('Agent')).toHaveText([/^Once upon a time/, /^Hello!/]);
});

test('a provider that puts the key into its farewell does not get it to the page', async ({
  page,
  stack,
  witness,
}) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  const end = { code: 4003, reason: 'key {secret} is not welcome' };
  stack.upstreams.faults.midAnswer = { afterBytes: 2_000, end };
  await demo.type('hello');
  await expect(demo.connection).toHaveText('Could not connect');
  await expect(demo.alert).toContainText('The call has a problem');
  await expect
    .poll(() => witness.closes(), 'the code is passed on, the words are not')
    .toEqual([{ code: 4003, reason: '' }]);
});

test('a recording ends with its call, and the microphone is not asked for again', async ({ page, stack }) => {
  await page.addInitScript(countMicrophones);
  // One that cannot end by itself before its call does, which gives the microphone back.
  const silence = toWav({ sampleRate: 16_000, samples: new Int16Array(16_000 * 60) });
  await page.route('**/go-forward-ten-meters.wav', (route) =>
    route.fulfill({ contentType: 'audio/wav', body: Buffer.from(silence) }),
  );
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.talk.click();
  await expect(demo.connection).toHaveText('Connected');
  await expect(demo.button('Mute me')).toBeEnabled();
  await demo.recording('Go forward ten meters').click();
  stack.upstreams.faults.midAnswer = { afterBytes: 2_000, end: { code: 4003, reason: 'enough' } };
  await demo.type('hello');
  await expect(demo.connection).toHaveText('Could not connect');
  await expect(demo.recording('Go forward ten meters')).toBeEnabled();
  expect(await page.evaluate(() => document.documentElement.dataset['microphones'])).toBe('1');
});

/** Runs in the page before anything of its own. */
function countMicrophones(): void {
  const { mediaDevices } = navigator;
  const real = mediaDevices.getUserMedia.bind(mediaDevices);
  let count = 0;
  mediaDevices.getUserMedia = (constraints) => {
    document.documentElement.dataset['microphones'] = String(++count);
    return real(constraints);
  };
}
