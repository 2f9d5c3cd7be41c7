/** Routes whose clients bring a token in a message, on servers that look at no token. */
import { expect, test } from 'vitest';
import { hmac, none, type Authenticator } from '../../src/index.ts';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { type AbuseBench, type OpenSession, ROUTE, startBench } from '../support/abuse-bench.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import { deferredTo, EACH_START, FIRST, firstText, STRIPPED } from '../support/deferred-route.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import { GOODBYE } from '../support/session-case.ts';
import { HMAC_SECRET, signedHeaders } from '../support/sign-request.ts';
import { expectWire } from '../support/wire-outcome.ts';

const signing = (): Authenticator => hmac({ secrets: { 'backend-1': HMAC_SECRET } });
const attacked = { toRoute: deferredTo() };

const signed = ({ clock }: AbuseBench): Record<string, string> =>
  signedHeaders({ method: 'GET', target: ROUTE, nowMs: clock.now() });

/** What the upstream sees of these texts. */
async function passed({ client, session }: OpenSession, texts: readonly string[]): Promise<string[]> {
  for (const text of texts) client.send(text);
  await session.waitForFrame(() => session.frames.length === texts.length);
  return session.frames.map(({ payload }) => payload.toString());
}

test.for(['bytes', 'messages'] as const)(
  'opens legs of %s without a first message where everybody may come in, and still passes no token',
  async (legs, context) => {
    await runAbuseCase(context, {
      attacked,
      proxy: { auth: none(), legs },
      async attack(bench) {
        const opened = await bench.open({ target: ROUTE });
        expect(opened.client.messages).toEqual([]);
        const texts = [firstText(bench, 'whatever-it-has-here'), '{"type":"KeepAlive"}'];
        expect(await passed(opened, texts)).toEqual([STRIPPED, texts[1]]);
        opened.client.close(NORMAL_CLOSURE);
        return opened.client;
      },
      wire: GOODBYE,
      dials: 1,
    });
  },
);

test('opens at once for a signed upgrade, so that the provider may speak first', async (context) => {
  const bench = await startBench(context, { attacked, proxy: { auth: signing() } });
  const opened = await bench.open({ target: ROUTE, headers: signed(bench) });
  opened.session.send('welcome');
  expect((await opened.client.waitForMessage()).payload.toString()).toBe('welcome');
  expect(await passed(opened, [firstText(bench, 'a-key-of-the-client')])).toEqual([STRIPPED]);
  opened.client.close(NORMAL_CLOSURE);
  await expectWire(opened.client, GOODBYE);
  expectNoSecret('a-key-of-the-client', [bench.logs, opened.session.frames.map(({ payload }) => payload)]);
});

test('takes the token out of every message that starts a stream, whoever was let in by a signature', async (context) => {
  const toRoute = deferredTo(EACH_START);
  const bench = await startBench(context, { attacked: { toRoute }, proxy: { auth: signing() } });
  const opened = await bench.open({ target: ROUTE, headers: signed(bench) });
  const start = firstText(bench, 'a-key-of-the-client');
  expect(await passed(opened, [start, '{"text":"a"}', start])).toEqual([STRIPPED, '{"text":"a"}', STRIPPED]);
});

test('refuses an upgrade without a signature at once, and reads no message for one', async (context) => {
  const bench = await startBench(context, { attacked, proxy: { auth: signing() } });
  await expectWire(await bench.upgrade({ target: ROUTE }), { told: 'AuthRequired' });
  expect(bench.mock.dials).toBe(0);
});

test('takes an upgrade that is let in without a token for session mode', async (context) => {
  const bench = await startBench(context, { attacked, proxy: { auth: none() } });
  const { client } = await bench.open({ target: `${ROUTE}?vp=1` });
  expect((await client.waitForMessage()).payload.toString()).toContain('ack_ms');
});

test('counts nobody among those who are waited for', async (context) => {
  const bench = await startBench(context, {
    attacked: { toRoute: deferredTo(FIRST) },
    proxy: { auth: none(), limits: { credentialSockets: 1 } },
  });
  const opened = [await bench.open({ target: ROUTE }), await bench.open({ target: ROUTE })];
  expect(opened.map(({ client }) => client.hasCloseFrame)).toEqual([false, false]);
  expect(bench.mock.dials).toBe(2);
});
