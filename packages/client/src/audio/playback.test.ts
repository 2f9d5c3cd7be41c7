/** The page's end of a playback: what it sends to the worklet, and what it makes of the reports. */
import { describe, expect, it } from 'vitest';
import {
  deferred,
  type FakeContext,
  installFakeAudio,
  type FakeWorkletNode,
} from '../../test/audio/fake-audio.ts';
import { createSharedAudioContext } from './audio-context.ts';
import { createPlayback, type PlaybackOptions } from './playback.ts';

function open(options: PlaybackOptions = {}, allow: Partial<FakeContext['allow']> = {}) {
  const audio = installFakeAudio(allow);
  const told = {
    states: [] as string[],
    levels: [] as number[],
    overflows: [] as number[],
    errors: [] as string[],
  };
  const playback = createPlayback({
    onState: (state) => told.states.push(state),
    onLevel: (level) => told.levels.push(level),
    onOverflow: (ms) => told.overflows.push(ms),
    onError: ({ code }) => told.errors.push(code),
    audioContext: createSharedAudioContext(),
    ...options,
  });
  const context = audio.contexts[0] as FakeContext;
  const worklet = () => context.worklets[0] as FakeWorkletNode;
  const none = {
    bytes: 0,
    fnv1a: 0,
    played: 0,
    refused: 0,
    flushed: 0,
    underruns: 0,
    bufferMs: 60,
    playing: false,
  };
  const report = (status: object) => worklet().port.receive({ ...none, level: undefined, ...status });
  return { playback, context, worklet, report, ...told };
}

describe('push', () => {
  it('sends the bytes in order, also those from before the worklet was there', async () => {
    const { playback, worklet } = open();
    playback.push(Uint8Array.of(1, 2, 3));
    await playback.ready;
    playback.push(Uint8Array.of(4).buffer);
    await playback.ready;
    expect(worklet().port.sent).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
  });

  it('leaves the chunk to the caller', async () => {
    const { playback, worklet } = open();
    const chunk = Uint8Array.of(0, 1, 2, 3).subarray(1, 3);
    const whole = Uint8Array.of(3, 4);
    playback.push(chunk);
    playback.push(whole.buffer);
    for (const bytes of [chunk, whole]) bytes.fill(9);
    await playback.ready;
    expect(worklet().port.sent).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
  });

  it('refuses, and says so, what exceeds the budget before the worklet is there', async () => {
    const { playback, overflows, worklet } = open({ budgetSeconds: 1 });
    playback.push(new Uint8Array(40_000));
    playback.push(new Uint8Array(9_600));
    playback.push(new Uint8Array(8_000));
    expect(overflows).toEqual([200]);
    await playback.ready;
    expect(worklet().port.sent.map((bytes) => (bytes as Uint8Array).length)).toEqual([40_000, 8_000]);
    playback.push(new Uint8Array(40_000));
    expect(overflows).toEqual([200]);
  });
});

describe('reports', () => {
  it('become state, level, time played and underruns', async () => {
    const { playback, report, states, levels } = open();
    await playback.ready;
    report({ playing: true, played: 2_400, level: 0.25 });
    report({ playing: true, played: 4_800, underruns: 2, level: 0.5 });
    expect(playback).toMatchObject({ state: 'playing', playedMs: 200, underruns: 2 });
    report({ playing: false, played: 4_800, level: 0 });
    expect([states, levels]).toEqual([
      ['playing', 'idle'],
      [0.25, 0.5, 0],
    ]);
  });

  it('of refused samples are passed on once', async () => {
    const { playback, report, overflows } = open();
    await playback.ready;
    report({ refused: 2_400 });
    report({ refused: 2_400 });
    report({ refused: 3_600 });
    expect(overflows).toEqual([100, 50]);
  });
});

describe('questions', () => {
  it('are answered in the order in which they were asked', async () => {
    const { playback, report, worklet } = open();
    const received = playback.received();
    const flushed = playback.flush();
    await playback.ready;
    expect(worklet().port.sent).toEqual(['report', 'flush']);
    report({ playing: true, level: 0.1 });
    report({ bytes: 12, fnv1a: 34 });
    report({ played: 240, flushed: 480 });
    expect(await received).toEqual({ bytes: 12, fnv1a: 34 });
    expect(await flushed).toEqual({ playedMs: 10, flushedMs: 20 });
  });

  it('are rejected on close, and after it', async () => {
    const { playback } = open();
    const pending = playback.received();
    playback.close();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    await expect(playback.flush()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('volume', () => {
  it('is set between the worklet and the speaker', async () => {
    const { playback, context, worklet } = open({ volume: 0.5 });
    await playback.ready;
    const [gain] = context.gains;
    expect([worklet().outputs, gain?.outputs]).toEqual([new Set([gain]), new Set([context.destination])]);
    expect(gain).toMatchObject({ gain: { value: 0.5 } });
    playback.setVolume(0.25);
    expect(gain).toMatchObject({ gain: { value: 0.25 } });
  });
});

describe('close', () => {
  it('ends the sound in the same task, and is not playing then', async () => {
    const { playback, context, report, worklet, states, levels } = open();
    await playback.ready;
    report({ playing: true, level: 0.5 });
    playback.close();
    expect(context.state).toBe('closed');
    expect(context.gains[0]?.outputs.size).toBe(0);
    expect([playback.state, states, levels]).toEqual(['idle', ['playing', 'idle'], [0.5, 0]]);
    await Promise.resolve();
    expect(worklet().port.sent).toEqual(['close']);
  });

  it('may come twice and before the worklet is there', async () => {
    const { playback, context, errors } = open();
    playback.close();
    playback.close();
    await expect(playback.ready).rejects.toMatchObject({ name: 'AbortError' });
    expect([context.state, errors]).toEqual(['closed', []]);
  });
});

describe('a browser that refuses', () => {
  it('the worklet: ready and every question reject, and the application is told', async () => {
    const { playback, errors } = open({}, { addModule: () => Promise.reject(new Error('policy')) });
    await expect(playback.ready).rejects.toMatchObject({ code: 'worklet-blocked' });
    await expect(playback.received()).rejects.toMatchObject({ code: 'worklet-blocked' });
    expect(errors).toEqual(['worklet-blocked']);
  });

  it('to start without a gesture: what was pushed stays, and a gesture resumes it', async () => {
    const patience = new AbortController();
    const audioContext = createSharedAudioContext({ patience: () => patience.signal });
    const asked = deferred();
    let asks = 0;
    const resume = () => (++asks === 2 && asked.resolve(), new Promise<void>(() => {}));
    const { playback, context, worklet, errors } = open({ audioContext }, { resume });
    playback.push(Uint8Array.of(1, 2));
    await asked.promise;
    patience.abort();
    await expect(playback.ready).rejects.toMatchObject({ code: 'autoplay-blocked' });
    expect([worklet().port.sent, errors]).toEqual([[Uint8Array.of(1, 2)], ['autoplay-blocked']]);
    context.allow.resume = async () => {};
    await expect(playback.resume()).resolves.toBeUndefined();
  });

  it('audio altogether throws at once', () => {
    installFakeAudio();
    Object.assign(globalThis, { AudioWorkletNode: undefined });
    expect(() => createPlayback({ audioContext: createSharedAudioContext() })).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    );
  });
});
