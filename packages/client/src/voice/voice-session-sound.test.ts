import { describe, expect, it } from 'vitest';
import {
  connecting,
  createUnloadedFixture,
  createVoiceFixture,
  talking,
} from '../../test/support/voice-fixture.ts';
import { withDeadline } from '../../test/support/with-deadline.ts';
import { MediaError } from '../audio/media-error.ts';

const audioFrames = (frames: readonly (string | Uint8Array)[]): number[][] =>
  frames.filter((frame) => typeof frame !== 'string').map((frame) => [...frame]);

describe('the answer', () => {
  it('is spoken until it has been heard, not until it was received', async () => {
    const { session, client, playback } = await talking();
    client.sound(1, 2);
    expect(session.getSnapshot()).toMatchObject({ agentState: 'speaking', isPlaying: false });
    playback.turn('playing');
    client.say({ type: 'AgentAudioDone' });
    expect(session.getSnapshot()).toMatchObject({ agentState: 'speaking', isPlaying: true });
    playback.turn('idle');
    expect(session.getSnapshot()).toMatchObject({ agentState: 'listening', isPlaying: false });
  });

  it('goes on being spoken when the playback runs dry before its end', async () => {
    const { session, client, playback } = await talking();
    client.sound(1, 2);
    playback.turn('playing');
    playback.turn('idle');
    expect(session.getSnapshot().agentState).toBe('speaking');
    client.say({ type: 'AgentAudioDone' });
    expect(session.getSnapshot().agentState).toBe('listening');
  });

  it('is silenced at once when the user speaks, its late audio is dropped, and the next one is heard', async () => {
    const { session, client, playback } = await talking();
    client.sound(1, 2);
    playback.turn('playing');
    client.say({ type: 'UserStartedSpeaking' });
    expect([playback.flushes, session.getSnapshot().agentState]).toEqual([1, 'listening']);
    client.sound(3, 4);
    client.say({ type: 'ConversationText', role: 'user', content: 'stop' });
    client.sound(5, 6);
    expect(playback.pushed).toEqual([
      [1, 2],
      [5, 6],
    ]);
  });

  it('is silenced by interrupt(), though the agent talks on, until its next turn', async () => {
    const { session, client, playback } = await talking();
    client.sound(1, 2);
    session.interrupt();
    client.say({ type: 'ConversationText', role: 'assistant', content: 'And another thing.' });
    client.sound(3, 4);
    client.say({ type: 'AgentAudioDone' });
    client.sound(5, 6);
    expect(playback.flushes).toBe(1);
    expect(playback.pushed.flat()).toEqual([1, 2, 5, 6]);
  });

  it('tells how much of it was heard when it is cut off, and only then', async () => {
    const { session, client, playback } = await talking();
    const interrupted = withDeadline('interrupted', (resolve) => session.on('interrupted', resolve));
    client.say({ type: 'UserStartedSpeaking' });
    client.sound(1, 2);
    playback.turn('playing');
    client.say({ type: 'UserStartedSpeaking' });
    await expect(interrupted).resolves.toEqual({ playedMs: 40, flushedMs: 60 });
  });

  it('is heard to its end when the server closes, and then the playback is let go', async () => {
    const { session, client, playback, capture } = await talking();
    client.sound(1, 2);
    playback.turn('playing');
    client.end();
    expect(session.getSnapshot()).toMatchObject({ state: 'closed', agentState: 'speaking', isMicOn: false });
    expect([capture.isRunning, playback.isOpen]).toEqual([false, true]);
    playback.turn('idle');
    expect([session.getSnapshot().agentState, playback.isOpen]).toEqual(['idle', false]);
  });

  it('is accounted for by the playback', async () => {
    const { session, client } = await talking();
    client.sound(1, 2, 3);
    await expect(session.receivedAudio()).resolves.toMatchObject({ bytes: 3 });
    await session.disconnect();
    await expect(session.receivedAudio()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the playback', () => {
  it('is opened in the task of connect(), once, and asked to go on by later calls', async () => {
    const { session, audio, playback } = await connecting();
    expect(playback.resumes).toBe(0);
    void session.connect();
    expect([audio.playbacks.length, playback.resumes]).toEqual([1, 1]);
  });

  it('keeps its volume over sessions', async () => {
    const fixture = await connecting();
    fixture.session.setVolume(0.5);
    expect(fixture.playback.volume).toBe(0.5);
    await fixture.session.disconnect();
    void fixture.session.connect();
    expect([fixture.audio.playbacks.length, fixture.playback.volume]).toEqual([2, 0.5]);
  });

  it('gets what came while the audio part was still loading', async () => {
    const fixture = createUnloadedFixture();
    void fixture.session.connect();
    fixture.client.open();
    fixture.client.sound(1, 2);
    await fixture.session.preload();
    expect(fixture.playback.pushed).toEqual([[1, 2]]);
  });

  it('does not get what was cut off while the audio part was still loading', async () => {
    const fixture = createUnloadedFixture();
    void fixture.session.connect();
    fixture.client.open();
    fixture.client.sound(1, 2);
    fixture.client.say({ type: 'UserStartedSpeaking' });
    await fixture.session.preload();
    expect(fixture.playback.pushed).toEqual([]);
  });

  it('is not opened when the audio part cannot be loaded, which the snapshot tells', async () => {
    const { session, client } = await connecting({ loadAudio: () => Promise.reject(new Error('offline')) });
    client.open();
    await session.preload();
    expect(session.getSnapshot()).toMatchObject({
      state: 'open',
      isMicOn: false,
      error: { code: 'audio_not_loaded' },
    });
  });

  it('does not keep the agent speaking when it cannot be opened', async () => {
    const fixture = await talking();
    fixture.playback.options.onError?.(new MediaError('worklet-blocked'));
    expect(fixture.session.getSnapshot().error).toMatchObject({ code: 'worklet-blocked' });
    fixture.client.sound(1, 2);
    fixture.client.say({ type: 'AgentAudioDone' });
    expect(fixture.session.getSnapshot().agentState).toBe('listening');
  });

  it('stays open when the browser holds it back', async () => {
    const { playback, session } = await talking();
    playback.options.onError?.(new MediaError('autoplay-blocked'));
    expect(playback.isOpen).toBe(true);
    expect(session.getSnapshot().error).toMatchObject({ code: 'autoplay-blocked' });
  });
});

describe('the microphone', () => {
  it('is opened in the task of connect(), once', async () => {
    const { session, audio, capture } = await connecting();
    expect(capture.isRunning).toBe(true);
    void session.connect();
    await session.startMic();
    expect(audio.captures.length).toBe(1);
    expect(session.getSnapshot().isMicOn).toBe(true);
  });

  it('is not opened by connect() where no input is wanted, but by startMic()', async () => {
    const { session, audio } = await talking({ input: 'none' });
    expect(audio.captures.length).toBe(0);
    await session.startMic();
    expect(session.getSnapshot().isMicOn).toBe(true);
  });

  it('is replaced by a source, at its creation or for once', async () => {
    const source = (): never => {
      throw new Error('not called');
    };
    const { session, capture } = await connecting({ input: { source } });
    expect(capture.source).toBe(source);
    const other = await createVoiceFixture();
    await other.session.startMic({ source });
    expect(other.capture.source).toBe(source);
    session.dispose();
  });

  it('does not end the connection when it fails, and can be started again', async () => {
    const fixture = await createVoiceFixture();
    const { session, audio } = fixture;
    audio.failure = new MediaError('permission-denied');
    const opened = session.connect();
    fixture.client.open();
    await opened;
    expect(session.getSnapshot()).toMatchObject({ state: 'open', isMicOn: false, error: audio.failure });
    audio.failure = undefined;
    await session.startMic();
    expect(session.getSnapshot()).toMatchObject({ isMicOn: true, error: undefined });
  });

  it('is tried once more by a later connect(), unless it was stopped on purpose', async () => {
    const { session, audio, client } = await talking({ input: 'none' });
    await session.connect();
    expect(audio.captures.length).toBe(0);
    const other = await createVoiceFixture();
    other.audio.failure = new MediaError('autoplay-blocked');
    void other.session.connect();
    await other.session.startMic().catch(() => {});
    other.audio.failure = undefined;
    void other.session.connect();
    await other.session.startMic();
    other.session.stopMic();
    void other.session.connect();
    expect([other.audio.captures.length, other.session.getSnapshot().isMicOn]).toEqual([2, false]);
    expect(client.connections.length).toBe(1);
  });

  it('rejects startMic() with its failure, and with AbortError when stopped before', async () => {
    const { session, audio } = await talking({ input: 'none' });
    const started = session.startMic();
    session.stopMic();
    await expect(started).rejects.toMatchObject({ name: 'AbortError' });
    expect(session.getSnapshot().error).toBeUndefined();
    audio.failure = new MediaError('no-device');
    await expect(session.startMic()).rejects.toBe(audio.failure);
  });

  it('is reported when it is lost', async () => {
    const { session, capture } = await talking();
    await session.startMic();
    const error = new MediaError('device-lost');
    capture.options.onError?.(error);
    expect(session.getSnapshot()).toMatchObject({ isMicOn: false, error, state: 'open' });
  });

  it('lets the agent hear a second of silence after its end', async () => {
    const { session, client } = await talking();
    await session.startMic();
    session.stopMic();
    expect(audioFrames(client.sent)).toEqual([Array.from({ length: 32_000 }, () => 0)]);
    expect(session.getSnapshot().isMicOn).toBe(false);
  });

  it('is heard falling silent when muted, and no more after a second', async () => {
    const { session, client, capture } = await talking();
    session.setMuted(true);
    expect([capture.isMuted, session.getSnapshot().isMuted]).toEqual([true, true]);
    const tenth = Array.from({ length: 3_200 }, () => 0);
    for (let i = 0; i < 20; i++) capture.hear(...tenth);
    expect(audioFrames(client.sent).length).toBe(10);
    session.setMuted(false);
    capture.hear(1, 2);
    expect(audioFrames(client.sent).at(-1)).toEqual([1, 2]);
  });

  it('is muted and another device over its end, too', async () => {
    const fixture = await talking();
    const { session } = fixture;
    session.setMuted(true);
    await session.setDevice('headset');
    session.stopMic();
    await session.startMic();
    expect([fixture.capture.isMuted, fixture.capture.deviceId]).toEqual([true, 'headset']);
  });
});

describe('release', () => {
  it.each(['disconnect', 'dispose'] as const)('by %s() happens in the same task', async (how) => {
    const { session, client, capture, playback } = await talking();
    await session.startMic();
    void session[how]();
    expect([capture.isRunning, playback.isOpen, client.getSnapshot().state]).toEqual([
      false,
      false,
      'closed',
    ]);
    expect(session.getSnapshot()).toMatchObject({ isMicOn: false, agentState: 'idle' });
  });

  it('opens nothing when it comes while the audio part is loading', async () => {
    const { session, audio } = createUnloadedFixture();
    void session.connect();
    const started = session.startMic();
    session.dispose();
    await expect(started).rejects.toMatchObject({ name: 'AbortError' });
    await session.preload();
    expect([audio.captures.length, audio.playbacks.length]).toEqual([0, 0]);
  });
});
