/** How faithful the change of sample rate is, by sines. */
import { describe, expect, it } from 'vitest';
import { createResampler } from './resampler.ts';

function resample(from: number, to: number, input: Iterable<number>): number[] {
  const resampler = createResampler(from, to);
  const output: number[] = [];
  for (const sample of input) {
    resampler.push(sample);
    for (let out; (out = resampler.pull()) !== undefined;) output.push(out);
  }
  return output;
}

const sine = (rate: number, hz: number, seconds = 0.5) =>
  Array.from({ length: rate * seconds }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));

const power = (samples: number[]) => samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
const decibels = (ratio: number) => 10 * Math.log10(ratio);
const settled = (samples: number[]) => samples.slice(200, -200);

describe('createResampler', () => {
  it.each([
    [48_000, 16_000, 440],
    [48_000, 16_000, 6_000],
    [44_100, 16_000, 1_000],
    [44_100, 16_000, 6_000],
    [96_000, 16_000, 3_000],
    [8_000, 16_000, 1_000],
    [24_000, 48_000, 1_000],
    [24_000, 48_000, 9_000],
    [24_000, 44_100, 1_000],
  ])('from %i to %i Hz keeps a sine of %i Hz, in place, 70 dB above any error', (from, to, hz) => {
    const output = resample(from, to, sine(from, hz));
    const ideal = sine(to, hz).slice(0, output.length);
    const error = settled(output.map((sample, i) => sample - (ideal[i] as number)));
    expect(decibels(power(settled(ideal)) / power(error))).toBeGreaterThan(70);
  });

  it.each([
    [48_000, 16_000, 8_300],
    [48_000, 16_000, 12_000],
    [48_000, 16_000, 15_600],
    [44_100, 16_000, 9_000],
  ])('from %i to %i Hz removes %i Hz, which would come back as another tone', (from, to, hz) => {
    const output = settled(resample(from, to, sine(from, hz)));
    expect(decibels(power(output) / 0.5)).toBeLessThan(-70);
  });

  it('keeps a constant level', () => {
    const output = settled(resample(44_100, 16_000, Array(44_100).fill(0.5)));
    expect(Math.min(...output)).toBeGreaterThan(0.4999);
    expect(Math.max(...output)).toBeLessThan(0.5001);
  });

  it('passes equal rates through unchanged and at once', () => {
    const input = sine(16_000, 440, 0.01);
    expect(resample(16_000, 16_000, input)).toEqual([...Float32Array.from(input)]);
  });

  it.each([
    [48_000, 16_000],
    [44_100, 16_000],
    [24_000, 44_100],
  ])('from %i to %i Hz loses no time over ten seconds', (from, to) => {
    const resampler = createResampler(from, to);
    let count = 0;
    for (let i = 0; i < from * 10; i++) {
      resampler.push(0);
      while (resampler.pull() !== undefined) count++;
    }
    expect(to * 10 - count).toBeGreaterThanOrEqual(0);
    expect(to * 10 - count).toBeLessThan(to / 100);
  });
});
