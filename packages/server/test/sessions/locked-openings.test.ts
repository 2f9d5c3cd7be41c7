import { expect, test } from 'vitest';
import {
  createVoiceProxy,
  none,
  OPENAI_REALTIME_POLICY,
  openAiRealtime,
  withPolicy,
} from '../../src/index.ts';
import { CLOSE_ROWS } from '../../src/contract/index.ts';
import type { MockOf } from '../../src/testing/mock-upstream.ts';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import { startMockUpstream } from '../../src/testing/start-mock-upstream.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';

const POLICY = { ...OPENAI_REALTIME_POLICY, locked: { prompt: 'ours' } };

interface Rig {
  readonly mock: MockOf<'openai'>;
  readonly client: WsClient;
  /** What the provider got. */
  forwarded(): Record<string, unknown>[];
}

/** A session whose instructions are the operator's. */
async function start(
  context: TestCleanup,
  legs: 'bytes' | 'messages',
  scenario: ScenarioChoice = 'happyTurn',
  hookTimeoutMs = 5_000,
): Promise<Rig> {
  const mock = await startMockUpstream({ vendor: 'openai', secret: MOCK_SECRET, scenario });
  context.onTestFinished(() => mock.close());
  const route = openAiRealtime({ apiKey: MOCK_SECRET, url: mock.urls.realtime });
  const proxy = createVoiceProxy({
    auth: none(),
    routes: { '/v1/realtime': withPolicy(route, POLICY) },
    limits: { hookTimeoutMs },
    legs,
    logger: false,
  });
  context.onTestFinished(() => proxy.close());
  const { port } = await proxy.listen();
  const client = await openWs(context, `ws://127.0.0.1:${port}/v1/realtime?model=gpt-realtime`);
  const session = await mock.waitForSession();
  return { mock, client, forwarded: () => session.frames.map(({ payload }) => read(payload)) };
}

const read = (payload: Buffer): Record<string, unknown> =>
  JSON.parse(payload.toString()) as Record<string, unknown>;
const typesOf = (messages: Record<string, unknown>[]): unknown[] => messages.map(({ type }) => type);
const ofType =
  (type: string) =>
  ({ payload }: { payload: Buffer }): boolean =>
    read(payload)['type'] === type;
const send = (client: WsClient, ...messages: object[]): void => {
  for (const message of messages) client.send(JSON.stringify(message));
};
const update = (session: unknown): object => ({ type: 'session.update', session });

const ITEM = {
  type: 'conversation.item.create',
  item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] },
};
const RESPOND = { type: 'response.create' };
const REFUSED = {
  type: 'error',
  error: {
    code: 'disallowed_client_message_type',
    message: 'The session has to open with session.update, which the provider has to accept.',
  },
};

for (const legs of ['bytes', 'messages'] as const) {
  test(`a binary message, which no rule would see, ends the session (${legs})`, async (context) => {
    const { client, forwarded } = await start(context, legs);
    send(client, update({ type: 'realtime' }));
    await client.waitForFrame(ofType('session.updated'));
    client.send(Buffer.from(JSON.stringify(update({ instructions: 'mine' }))));
    expect((await client.waitForClose()).code).toBe(CLOSE_ROWS.KindDenied.code);
    expect(typesOf(forwarded())).toEqual(['session.update']);
  });

  test(`a turn goes on at once behind its opening message, in order (${legs})`, async (context) => {
    const { mock, client, forwarded } = await start(context, legs);
    send(client, update({ type: 'realtime', instructions: 'mine' }), ITEM, RESPOND);
    await client.waitForFrame(ofType('response.done'));
    expect(typesOf(forwarded())).toEqual(['session.update', ITEM.type, RESPOND.type]);
    expect(forwarded()[0]).toMatchObject({ session: { instructions: 'ours' } });
    mock.expectNoViolations();
  });

  test(`an opening message that the provider refuses opens nothing (${legs})`, async (context) => {
    const { mock, client, forwarded } = await start(context, legs);
    send(client, update({ type: 'realtime', tools: 'none' }), ITEM, RESPOND);
    const isOurs = ({ payload }: { payload: Buffer }): boolean => payload.includes(REFUSED.error.code);
    expect(read((await client.waitForFrame(isOurs)).payload)).toMatchObject(REFUSED);
    expect(typesOf(forwarded())).toEqual(['session.update']);
    send(client, update({ type: 'realtime' }), RESPOND);
    await client.waitForFrame(ofType('response.done'));
    expect(typesOf(forwarded())).toEqual(['session.update', 'session.update', RESPOND.type]);
    mock.expectNoViolations();
  });

  test(`a provider that does not answer keeps nobody waiting for ever (${legs})`, async (context) => {
    const isSilent: ScenarioChoice = (session) => void session.send('{"type":"session.created"}');
    const { client, forwarded } = await start(context, legs, isSilent, 50);
    send(client, update({ type: 'realtime' }), RESPOND);
    expect(read((await client.waitForFrame(ofType('error'))).payload)).toMatchObject(REFUSED);
    expect(typesOf(forwarded())).toEqual(['session.update']);
  });
}
