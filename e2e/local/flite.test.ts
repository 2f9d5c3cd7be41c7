import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FliteThread } from './flite-thread.ts';
import { createFlite } from './flite.ts';
import type { Flite, FliteOptions } from './flite.ts';
import { QueueFull } from './serial-queue.ts';
import { useOwnTmpFolder } from './support/own-tmp-folder.ts';

// Speech takes long on a busy machine; what must not happen is shown by markers, never by this.
vi.setConfig({ testTimeout: 15_000 });

function fliteForTest(options?: FliteOptions): Flite {
  const flite = createFlite(options);
  onTestFinished(() => flite.close());
  return flite;
}

const loudest = (samples: Int16Array): number =>
  samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);

describe('flite', () => {
  it('speaks, the same every time, at the rate asked for', async () => {
    const flite = fliteForTest();
    const [at24, again, at16] = await Promise.all([
      flite.say('The light is on.'),
      flite.say('The light is on.'),
      flite.say('The light is on.', { sampleRate: 16_000 }),
    ]);
    expect(at24.length).toBeGreaterThan(24_000);
    expect(loudest(at24)).toBeGreaterThan(5000);
    expect(again).toEqual(at24);
    expect(Math.abs(at24.length * (2 / 3) - at16.length)).toBeLessThan(2);
  });

  it('has two voices', async () => {
    const flite = fliteForTest();
    expect(await flite.say('Hello.', { voice: 'rms' })).not.toEqual(
      await flite.say('Hello.', { voice: 'slt' }),
    );
  });

  it.each(['', '  ', '…!', '\u0000\n'])('has nothing to say for %j', async (text) => {
    expect(await fliteForTest().say(text)).toHaveLength(0);
  });

  it.each(['--help', '-o /etc/nothing', 'a\u0000b', 'Grüße, 世界 1'])('takes %j for words', async (text) => {
    expect((await fliteForTest().say(text)).length).toBeGreaterThan(2000);
  });

  it('refuses what is too long, too much or at an odd rate', async () => {
    const flite = fliteForTest({ maxTextLength: 10, maxTexts: 1 });
    await expect(flite.say('more than ten')).rejects.toThrow(RangeError);
    const first = flite.say('one');
    await expect(flite.say('two')).rejects.toThrow(QueueFull);
    await first;
    await expect(flite.say('three', { sampleRate: 1 })).rejects.toThrow(RangeError);
  });

  it('lets an impatient caller go, and goes on', async () => {
    const flite = fliteForTest();
    const leaving = new AbortController();
    const left = flite.say('Once upon a time.', { signal: leaving.signal });
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect((await flite.say('Hello.')).length).toBeGreaterThan(0);
  });

  it('gives up at its deadline, each time', async () => {
    const flite = fliteForTest({ deadlineMs: 0 });
    await expect(flite.say('Hello.')).rejects.toThrow('too long');
    await expect(flite.say('Hello.')).rejects.toThrow('too long');
  });

  it('runs in a thread that starts anew after it was ended', async () => {
    const thread = new FliteThread(10_000);
    onTestFinished(() => thread.close());
    const request = { text: 'Hello.', voice: 'slt' };
    const wav = await thread.ask(request);
    const ended = expect(thread.ask(request)).rejects.toThrow('ended');
    await thread.close();
    await ended;
    expect(await thread.ask(request)).toEqual(wav);
  });

  it('writes no file, and answers nobody after it was closed', async () => {
    const files = useOwnTmpFolder();
    const flite = createFlite();
    await flite.say('Hello.');
    expect(files()).toEqual([]);
    const rejected = expect(flite.say('Too late.')).rejects.toThrow('closed');
    await flite.close();
    await rejected;
    await expect(flite.say('Hello?')).rejects.toThrow('closed');
  });
});
