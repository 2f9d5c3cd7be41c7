import { expect, test, type TestContext } from 'vitest';
import { ABNORMAL_CLOSURE, NORMAL_CLOSURE } from '../../contract/index.ts';
import { MOCK_SECRET, startMock } from '../../../test/support/start-mock.ts';
import { openWs, type WsClient } from '../../../test/support/ws-client.ts';
import type { MockFrame } from '../message-reader.ts';
import type { ScenarioChoice } from './index.ts';

const SETTINGS = JSON.stringify({ type: 'Settings', agent: {} });
const AUDIO = Buffer.alloc(640);

async function open(
  context: TestContext,
  service: 'agent' | 'listen',
  scenario: ScenarioChoice,
): Promise<WsClient> {
  const mock = await startMock(context, { scenario });
  context.onTestFinished(() => mock.expectNoViolations());
  const url = service === 'agent' ? mock.agentUrl : mock.listenUrl;
  return openWs(context, url, { protocols: ['token', MOCK_SECRET] });
}

/** A text's type, a binary frame's size. */
const shortOf = ({ kind, payload }: MockFrame): string | number =>
  kind === 'binary' ? payload.length : (JSON.parse(payload.toString()) as { type: string }).type;

const TURN = [
  'ConversationText',
  'AgentThinking',
  'ConversationText',
  'AgentStartedSpeaking',
  960,
  960,
  960,
  'AgentAudioDone',
];

test('answers a user text with a whole turn, in order and in kind', async (context) => {
  const client = await open(context, 'agent', 'happyTurn');
  client.send(SETTINGS);
  client.send(JSON.stringify({ type: 'InjectUserMessage', content: 'Hello there' }));
  const frames = await client.waitForFrames(2 + TURN.length);
  expect(frames.map(shortOf)).toEqual(['Welcome', 'SettingsApplied', ...TURN]);
  expect(JSON.parse(String(frames[2]?.payload))).toEqual({
    type: 'ConversationText',
    role: 'user',
    content: 'Hello there',
  });
});

test('answers audio with the given words and the given frames, turn after turn', async (context) => {
  const answer = [Buffer.from([1, 2]), Buffer.from([3, 4])];
  const words = { userText: 'Time?', assistantText: 'Noon.' };
  const client = await open(context, 'agent', { name: 'happyTurn', audioFrames: 2, answer, ...words });
  client.send(SETTINGS);
  for (let count = 0; count < 4; count++) client.send(AUDIO);
  const frames = await client.waitForFrames(2 + 2 * 8);
  const turn = ['UserStartedSpeaking', ...TURN.slice(0, 4), 2, 2, 'AgentAudioDone'];
  expect(frames.map(shortOf)).toEqual(['Welcome', 'SettingsApplied', ...turn, ...turn]);
  expect(frames.slice(7, 9).map(({ payload }) => payload)).toEqual(answer);
  expect(String(frames[3]?.payload)).toContain('Time?');
  expect(String(frames[5]?.payload)).toContain('Noon.');
});

test('answers a second Settings with the vendor error, updates with their notices, and keep-alives with nothing', async (context) => {
  const client = await open(context, 'agent', 'happyTurn');
  for (const type of ['Settings', 'KeepAlive', 'Settings', 'UpdatePrompt', 'UpdateSpeak'])
    client.send(JSON.stringify({ type }));
  client.send('not JSON');
  const frames = await client.waitForFrames(6);
  expect(frames.map(shortOf)).toEqual([
    'Welcome',
    'SettingsApplied',
    'Error',
    'PromptUpdated',
    'SpeakUpdated',
    'Error',
  ]);
  expect(String(frames[2]?.payload)).toContain('SETTINGS_ALREADY_APPLIED');
});

test('transcribes audio step by step and ends a stream with its metadata', async (context) => {
  const client = await open(context, 'listen', { name: 'happyTurn', audioFrames: 2, userText: 'one two' });
  client.send(AUDIO);
  client.send(AUDIO);
  client.send('{"type":"Finalize"}');
  client.send('{"type":"CloseStream"}');
  expect((await client.waitForClose()).code).toBe(NORMAL_CLOSURE);
  expect(client.frames.map(shortOf)).toEqual(['Results', 'Results', 'UtteranceEnd', 'Results', 'Metadata']);
  const finals = client.frames.filter((frame) => String(frame.payload).includes('"is_final":true'));
  expect(finals.every(({ payload }) => payload.toString().includes('one two'))).toBe(true);
  expect(String(client.frames[0]?.payload)).toContain('"transcript":"one"');
});

test.for([false, true])(
  'breaks off after the given number of answer frames, in mid-frame: %s',
  async (isMidFrame, context) => {
    const client = await open(context, 'agent', { name: 'dropAfter', frames: 2, isMidFrame });
    client.send(SETTINGS);
    client.send(JSON.stringify({ type: 'InjectUserMessage', content: 'Hi' }));
    expect((await client.waitForClose()).code).toBe(ABNORMAL_CLOSURE);
    expect(client.frames.map(shortOf)).toEqual(['Welcome', 'SettingsApplied', ...TURN.slice(0, 6)]);
  },
);

test('echoes every frame in its kind, whatever comes first', async (context) => {
  const client = await open(context, 'agent', 'echo');
  const large = Buffer.alloc(3_000_000, 7);
  client.send(large);
  client.send('text');
  client.send(Buffer.from('text'));
  const frames = await client.waitForFrames(3);
  expect(frames.map(({ kind, payload }) => [kind, payload.length])).toEqual([
    ['binary', large.length],
    ['text', 4],
    ['binary', 4],
  ]);
  expect(frames[0]?.payload.equals(large)).toBe(true);
});
