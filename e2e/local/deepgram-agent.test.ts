import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { samplesOf } from './pcm16.ts';
import { resample } from './resample.ts';
import { openAgent, SECRET, SETTINGS, startForTest } from './support/local-upstreams.ts';
import { readRecording, RECORDINGS, toneOf } from './support/recordings.ts';
import { openClient } from './support/upstream-client.ts';
import { describeWithRecogniser } from './support/with-recogniser.ts';

// Speech takes long on a busy machine; what must not happen is shown by markers, never by this.
vi.setConfig({ testTimeout: 15_000 });

const withAgent = (agent: object): object => ({ ...SETTINGS, agent: { ...SETTINGS.agent, ...agent } });
const secondsOf = (audio: Buffer): number => audio.length / 2 / 24_000;

describeWithRecogniser('a spoken conversation', () => {
  it.each(RECORDINGS)('answers %s aloud, step by step', async (file, words) => {
    const client = await openAgent(await startForTest());
    await client.speak(readRecording(file));
    await client.next('AgentAudioDone');
    const [, , , user, thinking, assistant, started] = client.received;
    expect(client.types.filter((type) => type !== 'audio')).toEqual([
      ...['Welcome', 'SettingsApplied', 'UserStartedSpeaking', 'ConversationText', 'AgentThinking'],
      ...['ConversationText', 'AgentStartedSpeaking', 'AgentAudioDone'],
    ]);
    expect(user).toEqual({ type: 'ConversationText', role: 'user', content: words });
    expect(thinking).toEqual({ type: 'AgentThinking', content: words });
    expect(assistant).toMatchObject({ role: 'assistant', content: expect.stringMatching(/[a-z]+\.$/) });
    expect(started).toMatchObject({
      total_latency: expect.any(Number),
      tts_latency: expect.any(Number),
      ttt_latency: expect.any(Number),
    });
    expect(secondsOf(client.audio)).toBeGreaterThan(0.8);
  });

  it('understands a microphone at 48 kHz, and two commands in one session', async () => {
    const audio = { ...SETTINGS.audio, input: { encoding: 'linear16', sample_rate: 48_000 } };
    const client = await openAgent(await startForTest(), { ...SETTINGS, audio });
    for (const [file, words] of RECORDINGS.slice(0, 2)) {
      await client.speak({
        samples: resample(readRecording(file).samples, 16_000, 48_000),
        sampleRate: 48_000,
      });
      expect(await client.next('ConversationText')).toMatchObject({ role: 'user', content: words });
      await client.next('AgentAudioDone');
    }
  });
});

describe('a conversation without a recogniser', () => {
  it("says so and plays the visitor's own voice back", async () => {
    const client = await openAgent(await startForTest({ useRecogniser: false }));
    const tone = toneOf(1);
    await client.speak(tone);
    expect(await client.next('ConversationText')).toMatchObject({
      role: 'user',
      content: '[1.5 seconds of speech]',
    });
    expect(await client.next('ConversationText')).toMatchObject({
      content: expect.stringContaining('no recogniser'),
    });
    await client.next('AgentAudioDone');
    const echo = samplesOf(client.audio).slice(-1.5 * 24_000);
    const sent = resample(tone.samples, 16_000, 24_000).slice(0.25 * 24_000, 1.75 * 24_000);
    const difference = echo.reduce((most, sample, i) => Math.max(most, Math.abs(sample - (sent[i] ?? 0))), 0);
    expect(echo).toHaveLength(sent.length);
    expect(difference).toBeLessThan(400);
  });
});

describe('messages to the agent', () => {
  it('make it greet, answer what is written, and say what it is told', async () => {
    const client = await openAgent(await startForTest(), withAgent({ greeting: 'Welcome.' }));
    expect(await client.next('ConversationText')).toMatchObject({ role: 'assistant', content: 'Welcome.' });
    await client.next('AgentAudioDone');
    client.send({ type: 'InjectUserMessage', content: 'turn off the light' });
    expect(await client.next('ConversationText')).toMatchObject({
      role: 'user',
      content: 'turn off the light',
    });
    expect(await client.next('ConversationText')).toMatchObject({
      role: 'assistant',
      content: 'The light is off.',
    });
    await client.next('AgentAudioDone');
    client.send({ type: 'InjectAgentMessage', message: 'Are you there?' });
    expect(await client.next('ConversationText')).toMatchObject({
      role: 'assistant',
      content: 'Are you there?',
    });
    await client.next('AgentAudioDone');
  });

  it('tell the time by the clock that it was given', async () => {
    const now = (): Date => new Date(2026, 0, 5, 15, 12);
    const client = await openAgent(await startForTest({ now }));
    client.send({ type: 'InjectUserMessage', content: 'what time is it' });
    await client.next('AgentThinking');
    expect(await client.next('ConversationText')).toMatchObject({ content: 'It is 3 12 in the afternoon.' });
  });

  it('change the voice between two answers', async () => {
    const client = await openAgent(await startForTest());
    const say = async (): Promise<Buffer> => {
      const before = client.audio.length;
      client.send({ type: 'InjectAgentMessage', message: 'Hello.' });
      await client.next('AgentAudioDone');
      return client.audio.subarray(before);
    };
    const first = await say();
    client.send({ type: 'UpdateSpeak', speak: { provider: { type: 'deepgram', model: 'aura-2-zeus-en' } } });
    await client.next('SpeakUpdated');
    expect(await say()).not.toEqual(first);
  });

  it('are accepted without an answer where the vendor has none', async () => {
    const client = await openAgent(await startForTest());
    client.send({ type: 'KeepAlive' });
    client.send({ type: 'FunctionCallResponse', id: '1', name: 'f', content: '{}' });
    client.send({ type: 'UpdatePrompt', prompt: 'Be brief.' });
    await client.next('PromptUpdated');
    expect(client.types).toEqual(['Welcome', 'SettingsApplied', 'PromptUpdated']);
  });

  it('are refused while somebody speaks or when they are too long', async () => {
    const client = await openAgent(await startForTest({ sayRate: 1 }));
    client.send({ type: 'InjectAgentMessage', message: 'word '.repeat(300) });
    expect(await client.next('InjectionRefused')).toMatchObject({
      message: 'Ignored: the text is too long.',
    });
    client.send({ type: 'InjectUserMessage', content: 'tell me a story' });
    client.send({ type: 'InjectAgentMessage', message: 'Me too.' });
    expect(await client.next('InjectionRefused')).toMatchObject({
      message: 'Ignored: the agent is speaking.',
    });
    const { samples, sampleRate } = toneOf(1);
    await client.speak({ samples: samples.slice(0, sampleRate), sampleRate });
    client.send({ type: 'InjectAgentMessage', message: 'Me too.' });
    expect(await client.next('InjectionRefused')).toMatchObject({
      message: 'Ignored: the user is speaking.',
    });
  });
});

describe('barge-in', () => {
  it('silences the agent at once', async () => {
    // Fast enough that audio would come between the markers, slow enough that the story is not over before.
    const client = await openAgent(await startForTest({ sayRate: 10 }));
    client.send({ type: 'InjectUserMessage', content: 'tell me a story' });
    await client.next('audio');
    const { samples, sampleRate } = toneOf(1);
    await client.speak({ samples: samples.slice(0, sampleRate), sampleRate });
    await client.next('UserStartedSpeaking');
    const heard = client.types.indexOf('UserStartedSpeaking') + 1;
    for (let markers = 0; markers < 50; markers += 1) {
      client.send({ type: 'UpdatePrompt', prompt: 'marker' });
      await client.next('PromptUpdated');
    }
    expect(new Set(client.types.slice(heard))).toEqual(new Set(['PromptUpdated']));
    expect(client.types).not.toContain('AgentAudioDone');
  });
});

describe('rules of the dialect', () => {
  it('ignore audio before Settings, and tell a second Settings without ending the session', async () => {
    const { agentUrl } = await startForTest();
    const client = await openClient(agentUrl, ['token', SECRET]);
    await client.speak(toneOf(1));
    client.send({ type: 'KeepAlive' });
    client.send(SETTINGS);
    client.send(SETTINGS);
    expect(await client.next('Error')).toMatchObject({ code: 'SETTINGS_ALREADY_APPLIED' });
    client.send({ type: 'UpdatePrompt', prompt: 'still here' });
    await client.next('PromptUpdated');
    expect(client.types).toEqual(['Welcome', 'SettingsApplied', 'Error', 'PromptUpdated']);
  });

  it.each([
    ['NON_SETTINGS_MESSAGE_BEFORE_SETTINGS', { type: 'InjectUserMessage', content: 'hello' }],
    ['INVALID_SETTINGS', { type: 'Settings', audio: { input: { encoding: 'opus' } } }],
    ['UNPARSABLE_CLIENT_MESSAGE', 'not JSON'],
    ['UNPARSABLE_CLIENT_MESSAGE', 'null'],
    ['UNPARSABLE_CLIENT_MESSAGE', { kind: 'Settings' }],
  ])('end the session with %s when it begins with %j', async (code, message) => {
    const { agentUrl } = await startForTest();
    const client = await openClient(agentUrl, ['token', SECRET]);
    client.send(message);
    expect(await client.next('Error')).toMatchObject({ code, description: expect.any(String) });
    expect(await client.closed).toEqual({ code: 1005, reason: '' });
  });

  it.each([
    { type: 'SessionUpdate' },
    { type: 'InjectUserMessage' },
    { type: 'InjectAgentMessage', message: 7 },
  ])('end the session when it goes on with %j', async (message) => {
    const client = await openAgent(await startForTest());
    client.send(message);
    expect(await client.next('Error')).toMatchObject({ code: 'UNPARSABLE_CLIENT_MESSAGE' });
    expect(await client.closed).toEqual({ code: 1005, reason: '' });
  });

  it('end the session of a silent client, but not of one that sends KeepAlive', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const client = await openAgent(await startForTest());
    for (const message of [{ type: 'KeepAlive' }, { type: 'UpdatePrompt', prompt: 'marker' }]) {
      vi.advanceTimersByTime(11_900);
      client.send(message);
      await client.pong();
    }
    await client.next('PromptUpdated');
    vi.advanceTimersByTime(12_000);
    expect(await client.next('Error')).toMatchObject({ code: 'CLIENT_MESSAGE_TIMEOUT' });
    expect(await client.closed).toEqual({ code: 1005, reason: '' });
  });
});
