import { expect, it } from 'vitest';
import { connecting, talking } from '../../test/support/voice-fixture.ts';

it('gives a frozen snapshot, another one only when something changed', async () => {
  const { session, client } = await talking();
  const before = session.getSnapshot();
  client.say({ type: 'Welcome' });
  client.say({ type: 'PromptUpdated' });
  session.setMuted(false);
  expect(session.getSnapshot()).toBe(before);
  client.say({ type: 'AgentThinking' });
  const after = session.getSnapshot();
  expect(after).not.toBe(before);
  expect(after.transcript).toBe(before.transcript);
  expect([after, after.transcript, after.stats].every(Object.isFrozen)).toBe(true);
});

it('keeps the entries of a transcript that grows', async () => {
  const { session, client } = await talking();
  client.say({ type: 'ConversationText', role: 'user', content: 'one' });
  const [first] = session.getSnapshot().transcript;
  client.say({ type: 'ConversationText', role: 'assistant', content: 'two' });
  const { transcript } = session.getSnapshot();
  expect(transcript[0]).toBe(first);
  expect(transcript.map(({ text }) => text)).toEqual(['one', 'two']);
  expect(Object.isFrozen(transcript)).toBe(true);
});

it('tells subscribers of every new snapshot, and none after they have left', async () => {
  const { session, client } = await talking();
  let told = 0;
  const leave = session.subscribe(() => told++);
  client.say({ type: 'AgentThinking' });
  client.say({ type: 'AgentThinking' });
  expect(told).toBe(1);
  leave();
  client.say({ type: 'AgentAudioDone' });
  expect(told).toBe(1);
});

it('counts the traffic, and shows it at most once a second', async () => {
  const { session, client, capture, scheduler } = await talking();
  let told = 0;
  session.subscribe(() => told++);
  for (let i = 0; i < 50; i++) capture.hear(1, 2);
  expect(told).toBe(0);
  scheduler.advance(1_000);
  expect(told).toBe(1);
  const settings = (client.sent[0] as string).length;
  expect(session.getSnapshot().stats).toMatchObject({
    framesSent: 51,
    bytesSent: settings + 100,
    framesReceived: 1,
    bytesReceived: '{"type":"SettingsApplied"}'.length,
  });
});

it('tells levels at most 30 times a second, the last one never lost, and never by a snapshot', async () => {
  const { session, capture, playback, scheduler } = await connecting();
  const levels: [number, number][] = [];
  session.onLevel((input, output) => levels.push([input, output]));
  const before = session.getSnapshot();
  capture.options.onLevel?.(0.1);
  capture.options.onLevel?.(0.2);
  playback.options.onLevel?.(0.5);
  expect(levels).toEqual([[0.1, 0]]);
  scheduler.advance(34);
  expect(levels).toEqual([
    [0.1, 0],
    [0.2, 0.5],
  ]);
  expect(session.getSnapshot()).toBe(before);
});

it('tells that both are silent after the end', async () => {
  const { session, capture, scheduler } = await talking();
  const levels: [number, number][] = [];
  session.onLevel((input, output) => levels.push([input, output]));
  capture.options.onLevel?.(0.3);
  await session.disconnect();
  scheduler.advance(34);
  expect(levels.at(-1)).toEqual([0, 0]);
});
