import { expect, test, type TestContext } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE, type CloseName } from '../../src/contract/index.ts';
import { createVoiceProxy, deepgram, jwt } from '../../src/index.ts';
import type { ScenarioChoice } from '../../src/testing/index.ts';
import { JWT_SECRET, makeToken } from '../support/make-token.ts';
import { MOCK_SECRET, startMock } from '../support/start-mock.ts';
import { openWs } from '../support/ws-client.ts';

interface Told {
  readonly message: unknown;
  readonly code: number;
  readonly reason: string;
}

/** What Deepgram's SDK is told that offers these subprotocols. */
async function toldTo(
  context: TestContext,
  offer: string[],
  query: string,
  scenario: ScenarioChoice = 'happyTurn',
): Promise<Told> {
  const mock = await startMock(context, { scenario });
  const proxy = createVoiceProxy({
    auth: jwt({ secret: JWT_SECRET, algorithms: ['HS256'] }),
    routes: { '/agent': deepgram({ apiKey: MOCK_SECRET, agentUrl: mock.agentUrl }) },
    logger: false,
  });
  context.onTestFinished(() => proxy.close());
  const { port } = await proxy.listen();
  const client = await openWs(context, `ws://127.0.0.1:${port}/agent${query}`, { protocols: offer });
  const { code, reason } = await client.waitForClose();
  expect(client.subprotocol).toBe(offer[0]);
  return { message: JSON.parse(String(client.frames[0]?.payload)), code, reason };
}

const stale = (): string => makeToken({ nowMs: Date.now() - 86_400_000 });
const good = (): string => makeToken({ nowMs: Date.now() });

const cases: [why: string, name: CloseName, offer: () => string[], query: string][] = [
  ['a token that has run out', 'AuthExpired', () => ['token', stale()], ''],
  ['a token that is none', 'AuthInvalid', () => ['bearer', 'nonsense'], ''],
  ['a parameter that is not allowed', 'PolicyViolation', () => ['token', good()], '?callback=x'],
];

test.for(cases)(
  'tells its SDK of %s by a message and the reason of a close after which it does not dial again',
  async ([, name, offer, query], context) => {
    const { word } = CLOSE_ROWS[name];
    expect(await toldTo(context, offer(), query)).toMatchObject({
      ...{ code: NORMAL_CLOSURE, reason: expect.stringMatching(new RegExp(`^${word}( |$)`)) },
      message: { type: 'Error', code: word, description: expect.any(String) },
    });
  },
);

test('tells its SDK by status of a provider that is down, so that it does not dial again and again', async (context) => {
  const scenario = { name: 'refuse', status: 503 } as const;
  const told = toldTo(context, ['token', good()], '', scenario);
  await expect(told).rejects.toThrow(`HTTP ${CLOSE_ROWS.UpstreamUnavailable.httpStatus}`);
});
