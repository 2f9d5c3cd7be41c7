import { DemoPage } from '../support/demo-page.ts';
import { launchOptions } from '../support/launch-options.ts';
import { expect, test } from '../support/test.ts';

test.use({ launchOptions: launchOptions('denied') });

test('where the microphone is denied the page says so, and one can type instead', async ({ page, stack }) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.talk.click();
  await expect(demo.alert).toContainText('The microphone is blocked');
  await expect(demo.connection).toHaveText('Connected');
  await demo.type('hello');
  await expect(demo.said('Agent')).toHaveText([/^Hello!/]);
});
