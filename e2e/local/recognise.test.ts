import { expect, it, onTestFinished, vi } from 'vitest';
import { createFlite } from './flite.ts';
import { joinSamples } from './pcm16.ts';
import { findRecogniser } from './recognise.ts';
import type { Recogniser, RecogniserOptions } from './recognise.ts';
import { resample } from './resample.ts';
import { QueueFull } from './serial-queue.ts';
import { useOwnTmpFolder } from './support/own-tmp-folder.ts';
import { readRecording, RECORDINGS } from './support/recordings.ts';
import { describeWithRecogniser } from './support/with-recogniser.ts';

// Speech takes long on a busy machine; what must not happen is shown by markers, never by this.
vi.setConfig({ testTimeout: 15_000 });

const signal = new AbortController().signal;

async function recogniserForTest(options?: RecogniserOptions): Promise<Recogniser> {
  const recogniser = await findRecogniser(undefined, options);
  if (!recogniser) throw new Error("Debian's packages pocketsphinx and pocketsphinx-en-us are not installed");
  onTestFinished(() => recogniser.close());
  return recogniser;
}

async function spoken(text: string): Promise<Int16Array> {
  const flite = createFlite();
  onTestFinished(() => flite.close());
  return flite.say(text, { sampleRate: 16_000 });
}

it('finds no recogniser where there is none', async () => {
  expect(await findRecogniser('/nowhere')).toBeUndefined();
  expect(await findRecogniser('')).toBeUndefined();
});

describeWithRecogniser('the recogniser', () => {
  it.each(RECORDINGS)('understands %s every time', async (file, words) => {
    const recogniser = await recogniserForTest({ maxUtterances: 3 });
    const { samples } = readRecording(file);
    const heard = await Promise.all(
      Array.from({ length: 3 }, () => recogniser.recognise(samples, { signal })),
    );
    expect(heard).toEqual(Array.from({ length: 3 }, () => words));
  });

  it.each(RECORDINGS)('understands %s after a trip through 48 kHz', async (file, words) => {
    const recogniser = await recogniserForTest();
    const samples = resample(resample(readRecording(file).samples, 16_000, 48_000), 48_000, 16_000);
    expect(await recogniser.recognise(samples, { signal })).toBe(words);
  });

  it('does not take other sentences for commands', async () => {
    const recogniser = await recogniserForTest();
    const heard = await recogniser.recognise(await spoken('I would like a cup of tea.'), { signal });
    expect(heard).toBe('i would like a cup of tea');
  });

  it('hears nothing in silence', async () => {
    const recogniser = await recogniserForTest();
    expect(await recogniser.recognise(new Int16Array(16_000), { signal })).toBe('');
    expect(await recogniser.recognise(new Int16Array(0), { signal })).toBe('');
  });

  it('refuses one utterance too many', async () => {
    const recogniser = await recogniserForTest({ maxUtterances: 1 });
    const first = recogniser.recognise(new Int16Array(16_000), { signal });
    await expect(recogniser.recognise(new Int16Array(16_000), { signal })).rejects.toThrow(QueueFull);
    await first;
  });

  it('is killed at its deadline', async () => {
    const recogniser = await recogniserForTest({ deadlineMs: 1 });
    await expect(recogniser.recognise(new Int16Array(16_000), { signal })).rejects.toThrow('SIGKILL');
  });

  it('leaves no process and no file when aborted or closed', async () => {
    const files = useOwnTmpFolder();
    const recogniser = await recogniserForTest();
    const leaving = new AbortController();
    const { samples } = readRecording('go-forward-ten-meters.wav');
    const speech = joinSamples(Array.from({ length: 6 }, () => samples));
    const left = [leaving.signal, signal].map((until) => recogniser.recognise(speech, { signal: until }));
    const rejected = Promise.all(left.map((work) => expect(work).rejects.toThrow()));
    await vi.waitFor(() => expect(files()).toHaveLength(1), { interval: 2 });
    leaving.abort(new Error('left'));
    await recogniser.close();
    await rejected;
    expect(files()).toEqual([]);
    await expect(recogniser.recognise(speech, { signal })).rejects.toThrow('closed');
  });
});
