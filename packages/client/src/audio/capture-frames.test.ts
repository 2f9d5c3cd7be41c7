/** The frames of a capture, fed in the pieces that an audio thread feeds. */
import { describe, expect, it } from 'vitest';
import { createCaptureFrames } from './capture-frames.ts';
import { createPcm16Decoder } from './pcm.ts';

function capture(input: Float32Array, inputRate: number, pieceLength: number) {
  const frames: { bytes: Uint8Array; level: number }[] = [];
  const push = createCaptureFrames(inputRate, 16_000, (bytes, level) => frames.push({ bytes, level }));
  for (let i = 0; i < input.length; i += pieceLength) push(input.subarray(i, i + pieceLength));
  return frames;
}

const sine = (rate: number, hz: number, amplitude = 0.5, seconds = 1) =>
  Float32Array.from(
    { length: rate * seconds },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / rate),
  );

describe('createCaptureFrames', () => {
  it.each([16_000, 44_100, 48_000])('cuts a second at %i Hz into frames of 640 bytes', (rate) => {
    const frames = capture(sine(rate, 440), rate, 128);
    expect(frames.length).toBeGreaterThanOrEqual(49);
    expect(frames.length).toBeLessThanOrEqual(50);
    expect(new Set(frames.map(({ bytes }) => bytes.length))).toEqual(new Set([640]));
  });

  it('makes the same frames whatever pieces the sound comes in', () => {
    const whole = capture(sine(44_100, 700), 44_100, 44_100);
    for (const pieceLength of [1, 128, 441, 1000]) {
      expect(capture(sine(44_100, 700), 44_100, pieceLength)).toEqual(whole);
    }
  });

  it('has no click at the borders of its frames', () => {
    const decode = createPcm16Decoder();
    const heard = capture(sine(48_000, 300), 48_000, 128).flatMap(({ bytes }) => [...decode(bytes)]);
    const steps = heard.slice(1).map((sample, i) => Math.abs(sample - (heard[i] as number)));
    const steepest = 0.5 * 2 * Math.sin((Math.PI * 300) / 16_000);
    expect(Math.max(...steps.slice(200))).toBeLessThan(steepest * 1.01);
  });

  it('tells the level of each frame', () => {
    const levels = capture(sine(48_000, 440, 0.5), 48_000, 128).map(({ level }) => level);
    for (const level of levels.slice(1)) expect(level).toBeCloseTo(0.5 / Math.SQRT2, 2);
  });

  it('gives frames that share no memory', () => {
    const buffers = capture(sine(48_000, 440), 48_000, 128).map(({ bytes }) => bytes.buffer);
    expect(new Set(buffers).size).toBe(buffers.length);
  });
});
