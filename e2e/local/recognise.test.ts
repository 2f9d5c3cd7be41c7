import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { createFlite } from './flite.ts';
import { findRecogniser } from './recognise.ts';
import type { Recogniser, RecogniserOptions } from './recognise.ts';
import { resample } from './resample.ts';
import { QueueFull } from './serial-queue.ts';
import { readRecording, RECORDINGS } from './support/recordings.ts';
import { describeWithRecogniser } from './support/with-recogniser.ts';

const signal = new AbortController().signal;
const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('recognise-'));

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
    const recogniser = await recogniserForTest({ maxUtterances: 10 });
    const { samples } = readRecording(file);
    const heard = await Promise.all(
      Array.from({ length: 10 }, () => recogniser.recognise(samples, { signal })),
    );
    expect(heard).toEqual(Array.from({ length: 10 }, () => words));
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
    const before = folders();
    const recogniser = await recogniserForTest();
    const leaving = new AbortController();
    const speech = new Int16Array(160_000).fill(5000);
    const left = [
      recogniser.recognise(speech, { signal: leaving.signal }),
      recogniser.recognise(speech, { signal }),
    ];
    const rejected = Promise.all(left.map((work) => expect(work).rejects.toThrow()));
    leaving.abort(new Error('left'));
    await recogniser.close();
    await rejected;
    expect(folders()).toEqual(before);
    await expect(recogniser.recognise(speech, { signal })).rejects.toThrow('closed');
  });
});
