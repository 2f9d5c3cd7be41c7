import { DemoPage } from '../support/demo-page.ts';
import { SPOKEN } from '../support/launch-options.ts';
import { expect, test } from '../support/test.ts';

test('a spoken command is understood, and the answer is heard sample for sample', async ({
  page,
  stack,
  witness,
}) => {
  test.skip(!stack.upstreams.hasRecogniser, 'reason: no recogniser on this machine');
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.talk.click();
  await expect(demo.said('You')).toHaveText([new RegExp(`^${SPOKEN}$`, 'i')]);
  await expect(demo.said('Agent')).toHaveText(['The light is on.']);
  await expect(demo.agent).toContainText('Listening');
  const sent = stack.upstreams.sent();
  expect(sent).toEqual([{ bytes: expect.any(Number), fnv1a: expect.stringMatching(/^[0-9a-f]{8}$/) }]);
  expect(sent[0]?.bytes, 'more than half a second of speech').toBeGreaterThan(24_000);
  await expect.poll(() => demo.heard()).toEqual(sent[0]);
  expect(witness.count('socket')).toBe(1);
  await demo.hangUp.click();
  await expect(demo.connection).toHaveText('Not connected');
});

test('a typed message is answered without a microphone, sample for sample', async ({ page, stack }) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.type('tell me a joke');
  await expect(demo.said('You')).toHaveText(['tell me a joke']);
  await expect(demo.said('Agent')).toHaveText([/^Why did the computer/]);
  await expect(demo.agent).toContainText('Speaking');
  await expect(demo.agent).toContainText('Waiting');
  await expect.poll(() => demo.heard()).toEqual(stack.upstreams.sent()[0]);
  await expect(demo.figure('First sound')).toContainText(/\d ms/);
});

test('a recording stands in for the microphone', async ({ page, stack }) => {
  test.skip(!stack.upstreams.hasRecogniser, 'reason: no recogniser on this machine');
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.button('Go forward ten meters').first().click();
  await expect(demo.said('You')).toHaveText(['go forward ten meters']);
  await expect(demo.said('Agent')).toHaveText(['I go forward ten meters.']);
  await expect.poll(() => demo.heard()).toEqual(stack.upstreams.sent()[0]);
});
