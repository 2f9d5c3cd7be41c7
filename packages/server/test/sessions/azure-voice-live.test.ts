import { once } from 'node:events';
import { expect, test } from 'vitest';
import { azureVoiceLive, createVoiceProxy, none } from '../../src/index.ts';
import { CLOSE_ROWS, NO_STATUS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import type { MockOf } from '../../src/testing/mock-upstream.ts';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import { startMockUpstream } from '../../src/testing/start-mock-upstream.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import { startRawUpstream, switchingTo } from '../support/raw-upstream.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';

interface Rig {
  readonly mock: MockOf<'azureVoiceLive'>;
  readonly client: WsClient;
}

async function connect(context: TestCleanup, url: string): Promise<WsClient> {
  const proxy = createVoiceProxy({
    auth: none(),
    routes: { '/ws': azureVoiceLive({ url, apiKey: MOCK_SECRET }) },
    logger: false,
  });
  context.onTestFinished(() => proxy.close());
  const { port } = await proxy.listen();
  return openWs(context, `ws://127.0.0.1:${port}/ws?mode=standard&model=gpt-realtime`);
}

async function start(context: TestCleanup, scenario: ScenarioChoice = 'happyTurn'): Promise<Rig> {
  const mock = await startMockUpstream({ vendor: 'azureVoiceLive', secret: MOCK_SECRET, scenario });
  context.onTestFinished(() => mock.close());
  return { mock, client: await connect(context, mock.urls.realtime) };
}

const json = (message: object): string => JSON.stringify(message);
const ofType =
  (type: string) =>
  ({ payload }: { payload: Buffer }) =>
    (JSON.parse(payload.toString()) as { type: string }).type === type;

test('passes a session.created that comes in the packet of the answer to the upgrade', async (context) => {
  const created = '{"type":"session.created","session":{"id":"s"}}';
  const upstream = await startRawUpstream(context, {
    onRequest(socket, request) {
      socket.on('data', () => socket.end());
      const frame = encodeFrame({ opcode: OPCODES.text, payload: created });
      socket.write(Buffer.concat([Buffer.from(switchingTo(request)), frame]));
    },
  });
  const client = await connect(context, `ws://127.0.0.1:${upstream.port}/voice-live/realtime`);
  expect((await client.waitForFrame()).payload.toString()).toBe(created);
});

test.for([
  ['an avatar', { type: 'session.avatar.connect', client_sdp: 'eyJ0eXBlIjoib2ZmZXIifQ==', event_id: 'e-1' }],
  [
    'a call',
    { type: 'rtc.call.sdp.create', sdp_offer: 'v=0\r\no=- 1 2 IN IP4 0\r\n', session: {}, event_id: 'e-2' },
  ],
] as const)(
  'passes the offer of %s word for word, and the answer byte for byte',
  async ([, offer], context) => {
    const answer = `{ "type":"sdp.answer",\t"server_sdp" : "a\\u0062c=\\/",  "event_id":"${offer.event_id}" }`;
    const { mock, client } = await start(context, async (session) => {
      await session.waitForFrame(() => true);
      session.send(answer);
    });
    // What the policy has judged is written anew: the spaces around it go, the order of fields stands.
    client.send(`  ${JSON.stringify(offer, null, 1)}`);
    expect((await client.waitForFrame()).payload.toString()).toBe(answer);
    const session = await mock.waitForSession();
    expect(session.frames.map(({ kind, payload }) => [kind, payload.toString()])).toEqual([
      ['text', json(offer)],
    ]);
  },
);

test('answers a whole turn, in order', async (context) => {
  const { mock, client } = await start(context);
  await client.waitForFrame(ofType('session.created'));
  client.send(json({ type: 'session.update', session: {}, event_id: 'e-1' }));
  await client.waitForFrame(ofType('session.updated'));
  const append = json({ type: 'input_audio_buffer.append', audio: Buffer.alloc(640).toString('base64') });
  for (let count = 0; count < 5; count += 1) client.send(append);
  await client.waitForFrame(ofType('response.done'));
  mock.expectNoViolations();
});

test('passes the microphone of an older page, 190 texts a second, each as it is', async (context) => {
  const { mock, client } = await start(context, 'echo');
  const texts = Array.from({ length: 570 }, (_, at) =>
    json({
      type: 'input_audio_buffer.append',
      audio: Buffer.alloc(256, at).toString('base64'),
      event_id: `${at}`,
    }),
  );
  for (const text of texts) client.send(text);
  const frames = await client.waitForFrames(texts.length);
  expect(frames.map(({ payload }) => payload.toString())).toEqual(texts);
  expect(frames.every(({ kind }) => kind === 'text')).toBe(true);
  mock.expectNoViolations();
});

test('passes a message of 12 MB in one frame', async (context) => {
  const { client } = await start(context, 'echo');
  const text = json({ type: 'input_audio_buffer.append', audio: 'A'.repeat(12_000_000) });
  client.send(text);
  const { kind, payload } = await client.waitForFrame();
  expect([kind, payload.equals(Buffer.from(text))]).toEqual(['text', true]);
});

test('passes a disconnect without a code', async (context) => {
  const { mock, client } = await start(context, 'echo');
  const session = await mock.waitForSession();
  expect((await client.close()).code).toBe(NO_STATUS);
  expect((await session.closed).code).toBe(NO_STATUS);
});

const closes: [title: string, scenario: ScenarioChoice, code: number][] = [
  ['a normal close', { name: 'closeWith', code: NORMAL_CLOSURE, reason: '' }, NORMAL_CLOSURE],
  ['a provider that goes away', { name: 'closeWith', code: 1001, reason: '' }, 1001],
  ['a code of its own', { name: 'closeWith', code: 4001, reason: '' }, 4001],
  ['no code', (session) => session.close(), NO_STATUS],
  [
    'a code that may not be sent',
    { name: 'closeWith', code: NO_STATUS, reason: '' },
    CLOSE_ROWS.UpstreamUnavailable.code,
  ],
  ['a connection that is lost', (session) => session.destroy(), CLOSE_ROWS.UpstreamUnavailable.code],
];

test.for(closes)('passes on %s of the provider', async ([, scenario, code], context) => {
  const { client } = await start(context, scenario);
  if (client.socket.readyState !== client.socket.CLOSED) await once(client.socket, 'close');
  expect((await client.waitForClose()).code).toBe(code);
});
