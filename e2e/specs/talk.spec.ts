import { DemoPage } from '../support/demo-page.ts';
import { expectHeardAsSent } from '../support/expect-heard.ts';
import { ANSWER, SPOKEN } from '../support/launch-options.ts';
import { expect, test } from '../support/test.ts';

/** Something was heard; which words is asked where it matters. */
const WORDS = /\w/;

test('a spoken command is understood', async ({ page, stack }) => {
  test.skip(!stack.upstreams.hasRecogniser, 'reason: no recogniser on this machine');
  const demo = new DemoPage(page);
  // Chromium's microphone loses and repeats sound where the machine stalls. Who is misheard says it again.
  await expect(async () => {
    await demo.open(stack.url);
    await demo.talk.click();
    await expect(demo.said('You')).toHaveText([WORDS]);
    expect(await demo.said('You').allInnerTexts()).toEqual([SPOKEN]);
    await expect(demo.said('Agent')).toHaveText([ANSWER]);
  }).toPass({ timeout: 50_000 });
});

test('speech is answered, and the answer is heard sample for sample', async ({ page, stack, witness }) => {
  test.skip(!stack.upstreams.hasRecogniser, 'reason: no recogniser on this machine');
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.talk.click();
  await expect(demo.said('You')).toHaveText([WORDS]);
  await expect(demo.said('Agent')).toHaveText([WORDS]);
  await expectHeardAsSent(demo, stack, witness);
  await expect(demo.agent).toContainText('Listening');
  expect(witness.count('socket'), 'one connection').toBe(1);
  await demo.hangUp.click();
  await expect(demo.connection).toHaveText('Not connected');
});

test('a typed message is answered without a microphone', async ({ page, stack, witness }) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.type('what is the weather');
  await expect(demo.said('You')).toHaveText(['what is the weather']);
  await expect(demo.said('Agent')).toHaveText([/^I have no window/]);
  await expectHeardAsSent(demo, stack, witness);
  await expect(demo.agent).toContainText('Type a message');
  await expect(demo.figure('First sound')).toContainText(/\d ms/);
});

test('a call that began in writing goes on with the microphone', async ({ page, stack }) => {
  test.skip(!stack.upstreams.hasRecogniser, 'reason: no recogniser on this machine');
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.type('hello');
  await expect(demo.said('Agent')).toHaveText([/^Hello!/]);
  await demo.button('Use microphone').click();
  await expect(demo.said('You')).toHaveText(['hello', WORDS]);
  await demo.button('Mute me').click();
  await expect(demo.agent).toContainText('Muted');
});

test('a recording stands in for the microphone', async ({ page, stack, witness }) => {
  test.skip(!stack.upstreams.hasRecogniser, 'reason: no recogniser on this machine');
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.recording('Turn on the light').click();
  await expect(demo.said('You')).toHaveText(['turn on the light']);
  await expect(demo.said('Agent')).toHaveText(['The light is on.']);
  await expectHeardAsSent(demo, stack, witness);
  await expect(demo.recording('Turn on the light')).toBeEnabled();
});

test.describe('without a recogniser', () => {
  test.use({ stackOptions: { useRecogniser: false } });

  test('the visitor hears their own voice', async ({ page, stack, witness }) => {
    const demo = new DemoPage(page);
    await demo.open(stack.url);
    await expect(page.getByText('it plays your own voice back')).toBeVisible();
    await demo.talk.click();
    await expect(demo.said('You')).toHaveText([/seconds of speech/]);
    await expect(demo.said('Agent')).toHaveText([/here is your own voice/]);
    await expectHeardAsSent(demo, stack, witness);
  });
});
