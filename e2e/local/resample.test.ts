import { describe, expect, it } from 'vitest';
import { resample, SAMPLE_RATES } from './resample.ts';

const tone = (hertz: number, sampleRate: number): Int16Array =>
  Int16Array.from({ length: sampleRate / 4 }, (_, i) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * hertz * i) / sampleRate)),
  );

/** How far `samples` are from `wanted`, in decibels below its power, the edges left out. */
function errorDb(samples: Int16Array, wanted: Int16Array): number {
  let error = 0;
  let power = 0;
  for (let i = 200; i < wanted.length - 200; i += 1) {
    error += ((samples[i] ?? 0) - (wanted[i] ?? 0)) ** 2;
    power += (wanted[i] ?? 0) ** 2;
  }
  return 10 * Math.log10(error / power);
}

describe('resampling', () => {
  const pairs = SAMPLE_RATES.flatMap((from) => SAMPLE_RATES.map((to) => [from, to] as const));

  it.each(pairs)('keeps a tone from %i to %i Hz', (from, to) => {
    const resampled = resample(tone(1000, from), from, to);
    expect(resampled.length).toBe(Math.ceil((tone(1000, from).length * to) / from));
    expect(errorDb(resampled, tone(1000, to))).toBeLessThan(-55);
  });

  it('takes away what the lower rate cannot hold', () => {
    const loudest = resample(tone(11_000, 48_000), 48_000, 16_000)
      .slice(200, -200)
      .reduce((a, b) => Math.max(a, b), 0);
    expect(loudest).toBeLessThan(30);
  });

  it('clips instead of wrapping around', () => {
    const square = Int16Array.from({ length: 400 }, (_, i) => (i % 40 < 20 ? 32_767 : -32_768));
    const resampled = resample(square, 16_000, 24_000);
    expect(resampled[75]).toBeGreaterThan(30_000);
    expect(Math.max(...resampled)).toBe(32_767);
  });

  it('gives nothing for nothing and refuses unknown rates', () => {
    expect(resample(new Int16Array(0), 16_000, 24_000)).toHaveLength(0);
    expect(() => resample(new Int16Array(1), 16_000, 12_345)).toThrow(RangeError);
  });
});
