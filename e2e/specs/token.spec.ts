import { CLOSE_ROWS } from '@voxproxy/server/contract';
import { DemoPage } from '../support/demo-page.ts';
import { expect, test } from '../support/test.ts';

test.use({ stackOptions: { shortTokenMs: 2_000 } });

test('a wrong token is refused in words, and nothing is dialled', async ({ page, stack }) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.button('Use a wrong token').click();
  await expect(demo.alert).toContainText('The server refused the token');
  await expect(demo.connection).toHaveText('Could not connect');
  expect(stack.log.codes()).toEqual([CLOSE_ROWS.AuthInvalid.word, CLOSE_ROWS.AuthInvalid.word]);
  expect(stack.upstreams.sent(), 'no agent session').toEqual([]);
  await demo.type('hello');
  await expect(demo.said('Agent')).toHaveText([/^Hello!/]);
  await expect(demo.alert).toBeEmpty();
});

test('an expired token is replaced without the visitor doing anything', async ({ page, stack }) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  stack.nextTokens.push('expired');
  await demo.type('hello');
  await expect(demo.lines.filter({ hasText: 'The token expired' })).toHaveCount(1);
  await expect(demo.lines.filter({ hasText: /^Connected again after \d+ ms/ })).toHaveCount(1);
  await expect(demo.said('Agent')).toHaveText([/^Hello!/]);
  expect(stack.log.codes()).toEqual([CLOSE_ROWS.AuthExpired.word]);
  expect(stack.upstreams.sent(), 'one agent session').toHaveLength(1);
});

test('a token that expires during a call is replaced, and the call goes on', async ({ page, stack }) => {
  const demo = new DemoPage(page);
  await demo.open(stack.url);
  await demo.button('Let the token expire').click();
  await expect(demo.connection).toHaveText('Connected');
  await expect(demo.lines.filter({ hasText: 'The token expired' })).toHaveCount(1);
  await expect(demo.lines.filter({ hasText: /^Connected again after \d+ ms/ })).toHaveCount(1);
  await demo.type('hello');
  await expect(demo.said('Agent')).toHaveText([/^Hello!/]);
  await expect(demo.figure('Connected')).toContainText('1 reconnect');
});
