import { expect, test } from 'vitest';
import { createVoiceProxy, jwt, none, websocket } from '../../src/index.ts';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { type AbuseBench, ROUTE, startBench } from '../support/abuse-bench.ts';
import { expectStartRefused, runAbuseCase } from '../support/abuse-case.ts';
import {
  ASKING,
  DEFERRED,
  deferredTo,
  EACH_START,
  FIRST,
  firstText,
  STRIPPED,
} from '../support/deferred-route.ts';
import { JWT_SECRET } from '../support/make-token.ts';
import type { RawClient } from '../support/raw-client.ts';
import { GOODBYE } from '../support/session-case.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import { expectWire } from '../support/wire-outcome.ts';

const eachStart = { attacked: { toRoute: deferredTo(EACH_START) } };

async function waiting(bench: AbuseBench): Promise<RawClient> {
  const client = await bench.upgrade(ASKING);
  await client.response();
  return client;
}

/** What the upstream sees of these texts. */
async function passed(bench: AbuseBench, client: RawClient, texts: readonly string[]): Promise<string[]> {
  for (const text of texts) client.send(text);
  const session = await bench.mock.waitForSession();
  await session.waitForFrame(() => session.frames.length === texts.length);
  return session.frames.map(({ payload }) => payload.toString());
}

test('takes the token out of every message that starts a stream', async (context) => {
  await runAbuseCase(context, {
    ...eachStart,
    async attack(bench) {
      const client = await waiting(bench);
      const start = firstText(bench);
      expect(await passed(bench, client, [start, '{"text":"a"}', start, ''])).toEqual([
        STRIPPED,
        '{"text":"a"}',
        STRIPPED,
        '',
      ]);
      client.close(NORMAL_CLOSURE);
      return client;
    },
    wire: GOODBYE,
    dials: 1,
  });
});

const laterTexts: [what: string, make: (bench: AbuseBench) => string][] = [
  ['another token than its first', (bench) => firstText(bench, bench.token({ claims: { sub: 'bob' } }))],
  ['a token that is no text', (bench) => firstText(bench, 7)],
  ['what only a lenient reader takes for JSON', (bench) => `\ufeff${firstText(bench)}`],
];

test.for(laterTexts)('ends a session that later brings %s', async ([, make], context) => {
  await runAbuseCase(context, {
    ...eachStart,
    async attack(bench) {
      const client = await waiting(bench);
      await passed(bench, client, [firstText(bench)]);
      client.send(make(bench));
      return client;
    },
    wire: { ended: 'BadRequest' },
    dials: 1,
  });
});

test('takes the token out of the first message of a client that also brought it with its upgrade', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    async attack(bench) {
      const token = bench.token();
      const client = await bench.upgrade({ target: bench.target(`token=${token}`) });
      expect(await passed(bench, client, [firstText(bench, token), '{"api_key":"x"}'])).toEqual([
        STRIPPED,
        '{"api_key":"x"}',
      ]);
      client.close(NORMAL_CLOSURE);
      return client;
    },
    wire: GOODBYE,
    dials: 1,
  });
});

test('ends a session whose upgrade and first message hold different tokens', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    async attack(bench) {
      const { client } = await bench.open();
      client.send(firstText(bench, bench.token({ claims: { sub: 'bob' } })));
      return client;
    },
    wire: { ended: 'BadRequest' },
    dials: 1,
  });
});

test('shows message hooks no token', async (context) => {
  const seen: string[] = [];
  const up = (message: string): { forward: string } => {
    seen.push(message);
    return { forward: message };
  };
  await runAbuseCase(context, {
    attacked: { toRoute: deferredTo(EACH_START, { up }) },
    async attack(bench) {
      const client = await waiting(bench);
      const start = firstText(bench);
      await passed(bench, client, [start, start]);
      expect(seen).toEqual([STRIPPED, STRIPPED]);
      client.close(NORMAL_CLOSURE);
      return client;
    },
    wire: GOODBYE,
    dials: 1,
  });
});

test('lets a client in without a token where nobody needs one, and still passes no field', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    proxy: { auth: none() },
    async attack(bench) {
      const client = await waiting(bench);
      expect(await passed(bench, client, [firstText(bench, 'whatever-it-has-here')])).toEqual([STRIPPED]);
      client.close(NORMAL_CLOSURE);
      return client;
    },
    wire: GOODBYE,
    dials: 1,
  });
});

test('tells waiting clients at once when the server closes', async (context) => {
  const bench = await startBench(context, DEFERRED);
  const client = await waiting(bench);
  const closing = bench.proxy.close();
  await expectWire(client, { told: 'Draining' });
  await closing;
});

test('refuses legs that cannot wait for a message where one is waited for, when it starts', () => {
  const route = websocket({ url: 'ws://127.0.0.1:1/a', apiKey: MOCK_SECRET, clientCredential: [FIRST] });
  const auth = jwt({ secret: JWT_SECRET, algorithms: ['HS256'] });
  const start = (): unknown => createVoiceProxy({ auth, routes: { [ROUTE]: route }, legs: 'messages' });
  expectStartRefused(start, 'legs', MOCK_SECRET);
});
