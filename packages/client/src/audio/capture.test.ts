/** The life of a capture: what is opened, in which order it is let go, and what is delivered meanwhile. */
import { describe, expect, it } from 'vitest';
import {
  deferred,
  type FakeContext,
  FakeNode,
  FakeStream,
  installFakeAudio,
  type FakeWorkletNode,
} from '../../test/audio/fake-audio.ts';
import { createSharedAudioContext } from './audio-context.ts';
import { createCapture, type CaptureOptions } from './capture.ts';

function open(options: Partial<CaptureOptions> = {}) {
  const audio = installFakeAudio();
  const heard = { frames: [] as Uint8Array[], levels: [] as number[], errors: [] as string[] };
  const capture = createCapture({
    onFrame: (frame) => heard.frames.push(frame),
    onLevel: (level) => heard.levels.push(level),
    onError: ({ code }) => heard.errors.push(code),
    audioContext: createSharedAudioContext(),
    ...options,
  });
  const worklet = (at = -1) => audio.contexts.at(-1)?.worklets.at(at) as FakeWorkletNode;
  const speak = (level = 0.5) => worklet().port.receive([new Uint8Array(640).fill(7), level]);
  const deviceStates = () => audio.streams.map(({ track }) => track.readyState);
  const contextStates = () => audio.contexts.map(({ state }) => state);
  return { audio, capture, ...heard, worklet, speak, deviceStates, contextStates };
}

describe('start', () => {
  it('connects the microphone through the worklet and on to the silent output', async () => {
    const { audio, capture, worklet } = open();
    await capture.start();
    expect(audio.streams[0]?.node?.outputs).toEqual(new Set([worklet()]));
    expect(worklet().outputs).toEqual(new Set([audio.contexts[0]?.destination]));
    expect(worklet().options).toMatchObject({
      channelCount: 1,
      channelCountMode: 'explicit',
      processorOptions: { sampleRate: 16_000 },
    });
  });

  it('opens nothing twice', async () => {
    const { audio, capture } = open();
    await Promise.all([capture.start(), capture.start()]);
    await capture.start();
    expect([audio.contexts.length, audio.streams.length]).toEqual([1, 1]);
  });

  it('delivers every frame, and the level of every second', async () => {
    const { capture, speak, frames, levels } = open();
    await capture.start();
    for (const level of [0.1, 0.2, 0.3, 0.4]) speak(level);
    expect(frames).toHaveLength(4);
    expect(levels).toEqual([0.1, 0.3]);
  });

  it('lets everything go when the microphone is refused, and may be called again', async () => {
    const { audio, capture, contextStates } = open();
    const { answer } = audio;
    audio.answer = () => Promise.reject(new DOMException('busy', 'NotReadableError'));
    await expect(capture.start()).rejects.toMatchObject({ code: 'device-busy' });
    expect(contextStates()).toEqual(['closed']);
    audio.answer = answer;
    await capture.start();
    expect(contextStates()).toEqual(['closed', 'running']);
  });

  it('asks for no microphone when the worklet is refused', async () => {
    const { audio, capture, contextStates } = open();
    const started = capture.start();
    (audio.contexts[0] as FakeContext).allow.addModule = () => Promise.reject(new Error('policy'));
    await expect(started).rejects.toMatchObject({ code: 'worklet-blocked' });
    expect([audio.streams.length, contextStates()]).toEqual([0, ['closed']]);
  });
});

describe('stop', () => {
  it('ends the microphone in the same task and closes the context', async () => {
    const { capture, deviceStates, contextStates, worklet } = open();
    await capture.start();
    capture.stop();
    expect(deviceStates()).toEqual(['ended']);
    expect(contextStates()).toEqual(['closed']);
    expect(worklet().port.sent).toEqual(['close']);
  });

  it('delivers no frame that is still on its way', async () => {
    const { capture, speak, frames } = open();
    await capture.start();
    capture.stop();
    speak();
    expect(frames).toHaveLength(0);
  });

  it('rejects a pending start at once, and lets go of a microphone that is granted later', async () => {
    const { audio, capture, deviceStates, contextStates } = open();
    const prompt = deferred<FakeStream>();
    const asked = deferred();
    audio.answer = () => (asked.resolve(), prompt.promise);
    const started = capture.start();
    await asked.promise;
    capture.stop();
    await expect(started).rejects.toMatchObject({ name: 'AbortError' });
    const late = new FakeStream();
    const ended = new Promise<void>((done) => (late.track.stop = () => (late.track.lose(), done())));
    prompt.resolve(late);
    await ended;
    expect([deviceStates(), contextStates()]).toEqual([['ended'], ['closed']]);
  });

  it.each(['resume', 'addModule'] as const)('rejects a start that hangs in %s', async (step) => {
    const { audio, capture, contextStates } = open();
    const started = capture.start();
    (audio.contexts[0] as FakeContext).allow[step] = () => new Promise(() => {});
    capture.stop();
    await expect(started).rejects.toMatchObject({ name: 'AbortError' });
    expect([audio.streams.length, contextStates()]).toEqual([0, ['closed']]);
  });

  it('may be followed by another start while the first is pending', async () => {
    const { audio, capture, deviceStates } = open();
    const prompt = deferred<FakeStream>();
    const asked = deferred();
    const { answer } = audio;
    audio.answer = () => (asked.resolve(), prompt.promise);
    const first = capture.start();
    await asked.promise;
    capture.stop();
    audio.answer = answer;
    const second = capture.start();
    prompt.resolve(new FakeStream());
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    await second;
    expect(deviceStates().toSorted()).toEqual(['ended', 'live']);
  });

  it('does nothing before start and when called twice', () => {
    const { capture } = open();
    capture.stop();
    expect(() => capture.stop()).not.toThrow();
  });
});

describe('setMuted', () => {
  it('makes frames silent without ending them', async () => {
    const { capture, speak, frames, levels } = open();
    capture.setMuted(true);
    await capture.start();
    speak();
    capture.setMuted(false);
    speak();
    speak();
    expect(frames.map((frame) => frame[0])).toEqual([0, 7, 7]);
    expect(levels).toEqual([0, 0.5]);
  });
});

describe('setDevice', () => {
  it('is remembered for the next start', async () => {
    const { audio, capture } = open();
    await capture.setDevice('desk');
    expect(audio.contexts).toHaveLength(0);
    await capture.start();
    expect(audio.streams[0]?.constraints.audio).toMatchObject({ deviceId: { exact: 'desk' } });
  });

  it('lets go of the old microphone only when the new one is there', async () => {
    const { audio, capture, deviceStates, contextStates, speak, frames } = open();
    await capture.start();
    const prompt = deferred<FakeStream>();
    audio.answer = () => prompt.promise;
    const changed = capture.setDevice('desk');
    expect(deviceStates()).toEqual(['live']);
    prompt.resolve(new FakeStream());
    await changed;
    expect(deviceStates()).toEqual(['ended', 'live']);
    expect(contextStates()).toEqual(['running']);
    speak();
    expect(frames).toHaveLength(1);
  });

  it('keeps the old microphone when the new one is refused', async () => {
    const { audio, capture, deviceStates, frames, worklet } = open();
    await capture.start();
    audio.answer = () => Promise.reject(new DOMException('no', 'OverconstrainedError'));
    await expect(capture.setDevice('gone')).rejects.toMatchObject({ code: 'no-device' });
    expect(deviceStates()).toEqual(['live']);
    worklet(0).port.receive([new Uint8Array(640), 0]);
    expect(frames).toHaveLength(1);
  });

  it('takes the place of another source', async () => {
    const node = new FakeNode();
    const { audio, capture } = open({ source: () => node as unknown as AudioNode });
    await capture.start();
    await capture.setDevice('desk');
    expect([node.outputs.size, audio.streams.length]).toEqual([0, 1]);
  });

  it('is overtaken by the next', async () => {
    const { audio, capture, deviceStates } = open();
    await capture.start();
    const first = capture.setDevice('one');
    const refused = expect(first).rejects.toMatchObject({ name: 'AbortError' });
    await Promise.resolve();
    await capture.setDevice('two');
    await refused;
    expect(audio.streams.at(-1)?.constraints.audio).toMatchObject({ deviceId: { exact: 'two' } });
    expect(deviceStates().filter((state) => state === 'live')).toHaveLength(1);
  });
});

describe('a lost device', () => {
  it('stops the capture, which is told, and may be started again', async () => {
    const { audio, capture, errors, contextStates } = open();
    await capture.start();
    audio.streams[0]?.track.lose();
    expect([errors, contextStates()]).toEqual([['device-lost'], ['closed']]);
    await capture.start();
    expect(audio.streams).toHaveLength(2);
  });

  it('is no loss while another is on its way', async () => {
    const { audio, capture, errors, deviceStates } = open();
    await capture.start();
    const changed = capture.setDevice('desk');
    await Promise.resolve();
    audio.streams[0]?.track.lose();
    await changed;
    expect([errors, deviceStates()]).toEqual([[], ['ended', 'live']]);
  });
});

describe('another source', () => {
  it('stands in for the microphone, and is disconnected at the end', async () => {
    const node = new FakeNode();
    const { audio, capture, worklet } = open({ source: () => node as unknown as AudioNode });
    await capture.start();
    expect(node.outputs).toEqual(new Set([worklet()]));
    capture.stop();
    expect([node.outputs.size, audio.streams.length]).toEqual([0, 0]);
  });

  it('is made when the worklet is ready, so that its beginning is not missed', async () => {
    let modules: string[] | undefined;
    const source = (context: unknown) => {
      modules = [...(context as FakeContext).modules];
      return new FakeNode() as unknown as AudioNode;
    };
    await open({ source }).capture.start();
    expect(modules).toHaveLength(1);
  });

  it('that comes too late is not connected, also where the context lives on', async () => {
    const late = deferred<AudioNode>();
    const asked = deferred();
    const audioContext = createSharedAudioContext();
    const { capture, worklet } = open({ audioContext, source: () => (asked.resolve(), late.promise) });
    audioContext.acquire();
    const refused = expect(capture.start()).rejects.toMatchObject({ name: 'AbortError' });
    await asked.promise;
    capture.stop();
    await refused;
    const node = new FakeNode();
    late.resolve(node as unknown as AudioNode);
    await late.promise;
    await Promise.resolve();
    expect([node.outputs.size, worklet().outputs.size, worklet().port.sent]).toEqual([0, 0, ['close']]);
  });

  it('keeps its tracks when it is a stream of the application', async () => {
    const stream = new FakeStream();
    const { capture } = open({ source: stream as unknown as MediaStream });
    await capture.start();
    capture.stop();
    expect(stream.track.readyState).toBe('live');
  });

  it('rejects the start with what its maker throws', async () => {
    const failure = new Error('no recording');
    const { capture, contextStates } = open({ source: () => Promise.reject(failure) });
    await expect(capture.start()).rejects.toBe(failure);
    expect(contextStates()).toEqual(['closed']);
  });
});
