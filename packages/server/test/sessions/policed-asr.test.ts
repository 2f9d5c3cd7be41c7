/** A recogniser whose route has a policy and whose clients bring a token in each message: all three hold together. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { asr, createVoiceProxy, none, withPolicy, type MessagePolicy, type Route } from '../../src/index.ts';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import type { MockOf } from '../../src/testing/mock-upstream.ts';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import { startMockUpstream } from '../../src/testing/start-mock-upstream.ts';
import { eventually } from '../support/eventually.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';

const TOKEN = 'the-token-of-a-user';
const META = JSON.stringify({ type: 'meta', token: TOKEN, mime: 'audio/webm' });
const RECORDING = Buffer.alloc(1_000, 7);
const POLICY: MessagePolicy = {
  types: ['meta'],
  rules: [{ types: '*', deny: ['prompt'], pin: { lang: 'eng_Latn' } }],
};

function toRoute(url: string, policy: MessagePolicy): Route {
  const route = asr({ url, apiKey: MOCK_SECRET });
  const clientCredential = [{ in: 'message', path: 'token', when: 'each-start' } as const];
  return withPolicy({ ...route, preset: { ...route.preset, clientCredential } }, policy);
}

interface Rig {
  readonly mock: MockOf<'asr'>;
  readonly client: WsClient;
  /** The line of the session's end. */
  ended(): Promise<Record<string, unknown>>;
}

async function start(context: TestCleanup, scenario: ScenarioChoice, policy = POLICY): Promise<Rig> {
  const mock = await startMockUpstream({ vendor: 'asr', secret: MOCK_SECRET, scenario });
  context.onTestFinished(() => mock.close());
  const logs: string[] = [];
  const proxy = createVoiceProxy({
    auth: none(),
    routes: { '/ws/asr': toRoute(mock.urls.recognise, policy) },
    logger: pino({ level: 'trace' }, { write: (line: string) => void logs.push(line) }),
  });
  context.onTestFinished(() => proxy.close());
  const { port } = await proxy.listen();
  const client = await openWs(context, `ws://127.0.0.1:${port}/ws/asr`);
  const find = (): string | undefined => logs.find((line) => line.includes('session ended'));
  return {
    ...{ mock, client },
    async ended() {
      await eventually(
        () => find() !== undefined,
        () => 'the session to end',
      );
      expectNoSecret(TOKEN, [logs, client.frames]);
      expectNoSecret(MOCK_SECRET, [logs, client.frames]);
      return JSON.parse(find() ?? '') as Record<string, unknown>;
    },
  };
}

const told = ({ frames }: WsClient): unknown[] =>
  frames.map(({ payload }) => JSON.parse(payload.toString()) as unknown);

/** Answers the recording with these texts, and does nothing else. */
const answering =
  (...texts: string[]): ScenarioChoice =>
  async (session) => {
    await session.waitForFrame(({ kind }) => kind === 'binary');
    for (const text of texts) session.send(text);
  };

const DONE = '{"type":"done","text":"hi","duration_s":2.5}';

test('writes, strips and refuses what goes up, and counts the audio alone', async (context) => {
  const rig = await start(context, answering(DONE));
  const { client, mock } = rig;
  client.send(JSON.stringify({ type: 'meta', token: TOKEN, prompt: 'be rude' }));
  client.send(JSON.stringify({ type: 'other', token: TOKEN }));
  client.send(META);
  client.send(RECORDING);
  await client.waitForFrames(3);
  expect(told(client)).toMatchObject([
    { type: 'error', code: 'policy_violation' },
    { type: 'error', code: 'disallowed_client_message_type' },
    { type: 'done' },
  ]);
  const { frames } = await mock.waitForSession();
  expect(
    frames.map(({ kind, payload }) => (kind === 'text' ? JSON.parse(payload.toString()) : kind)),
  ).toEqual([{ type: 'meta', mime: 'audio/webm', lang: 'eng_Latn' }, 'binary']);
  await client.close(NORMAL_CLOSURE);
  expect(client.frames).toHaveLength(3);
  const used = { audioBytes: RECORDING.length, audioSeconds: 2.5 };
  expect(await rig.ended()).toMatchObject({ cause: 'client', used });
});

const lost = CLOSE_ROWS.UpstreamUnavailable;

test('sends an error before the close of a recogniser that vanishes, also behind a refusal', async (context) => {
  const rig = await start(context, async (session) => {
    await session.waitForFrame(({ kind }) => kind === 'binary');
    session.destroy();
  });
  rig.client.send(JSON.stringify({ type: 'other', token: TOKEN }));
  rig.client.send(META);
  rig.client.send(RECORDING);
  expect((await rig.client.waitForClose()).code).toBe(lost.code);
  expect(told(rig.client)).toMatchObject([
    { type: 'error', code: 'disallowed_client_message_type' },
    { type: 'error', code: lost.word },
  ]);
  expect(await rig.ended()).toMatchObject({ used: { audioBytes: RECORDING.length } });
});

test('sends an error in place of a result that the policy keeps back', async (context) => {
  // A number that would not survive being written again, so that nothing of it may pass.
  const withheld = '{"type":"done","text":"hi","id":12345678901234567890}';
  const policy = { ...POLICY, blank: [{ types: ['done'], path: 'text' }] };
  const play: ScenarioChoice = async (session) => {
    await session.waitForFrame(({ kind }) => kind === 'binary');
    session.send(withheld);
    session.close(NORMAL_CLOSURE);
  };
  const rig = await start(context, play, policy);
  rig.client.send(META);
  rig.client.send(RECORDING);
  expect((await rig.client.waitForClose()).code).toBe(NORMAL_CLOSURE);
  expect(told(rig.client)).toMatchObject([{ type: 'error', code: lost.word }]);
  await rig.ended();
});

test('takes a result that the policy has changed for the last message', async (context) => {
  const rig = await start(context, answering(`{"type":"done","text":"say ${MOCK_SECRET}","duration_s":2.5}`));
  rig.client.send(META);
  rig.client.send(RECORDING);
  await rig.client.waitForFrame();
  expect(told(rig.client)).toEqual([{ type: 'done', text: expect.any(String), duration_s: 2.5 }]);
  await rig.client.close(NORMAL_CLOSURE);
  expect(rig.client.frames).toHaveLength(1);
  expect(await rig.ended()).toMatchObject({ used: { audioSeconds: 2.5 } });
});

test('sends one error and no more where a breach of the policy ends the session', async (context) => {
  const rig = await start(context, answering(DONE), { ...POLICY, onOtherType: 'close' });
  rig.client.send(JSON.stringify({ type: 'other', token: TOKEN }));
  const { code, word } = CLOSE_ROWS.PolicyViolation;
  expect(await rig.client.waitForClose()).toEqual({ code, reason: word });
  expect(told(rig.client)).toMatchObject([{ type: 'error' }]);
  expect(await rig.ended()).toMatchObject({ cause: word });
});

test('sends an error, and asks no policy, where a later message has another token', async (context) => {
  const rig = await start(context, answering(DONE));
  rig.client.send(META);
  rig.client.send(JSON.stringify({ type: 'other', token: 'the-token-of-another' }));
  const { code, word } = CLOSE_ROWS.BadRequest;
  expect(await rig.client.waitForClose()).toEqual({ code, reason: word });
  expect(told(rig.client)).toMatchObject([{ type: 'error', code: word }]);
  await rig.ended();
});
