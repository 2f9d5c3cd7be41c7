/** The arithmetic on PCM16. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPcm16Decoder, rms, toPcm16 } from './pcm.ts';

const samplesIn = (bytes: Uint8Array<ArrayBuffer>) =>
  Array.from({ length: bytes.length / 2 }, (_, i) => new DataView(bytes.buffer).getInt16(i * 2, true));

describe('toPcm16', () => {
  it.each([
    ['silence', 0, 0],
    ['full scale up', 1, 32767],
    ['full scale down', -1, -32768],
    ['too loud', 1.7, 32767],
    ['too loud below', -40, -32768],
    ['just under a half step', 0.49 / 32768, 0],
    ['just over a half step', 0.51 / 32768, 1],
    ['infinity', Infinity, 32767],
    ['not a number', NaN, 0],
  ])('encodes %s', (_title, sample, expected) => {
    expect(samplesIn(toPcm16([sample]))).toEqual([expected]);
  });

  it('puts the low byte first', () => {
    expect([...toPcm16([0x1234 / 32768])]).toEqual([0x34, 0x12]);
  });
});

describe('createPcm16Decoder', () => {
  it('gives back every sample that toPcm16 wrote', () => {
    const all = Float32Array.from({ length: 65536 }, (_, i) => (i - 32768) / 32768);
    expect(createPcm16Decoder()(toPcm16(all))).toEqual(all);
  });

  it('joins samples that chunks cut in the middle', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 7 }), { maxLength: 12 });
    fc.assert(
      fc.property(chunks, (parts) => {
        const decode = createPcm16Decoder();
        const pieces = parts.flatMap((part) => [...decode(part)]);
        const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
        expect(pieces).toEqual([...createPcm16Decoder()(whole)]);
        expect(pieces).toHaveLength(whole.length >> 1);
      }),
    );
  });

  it('reads chunks that begin at an odd address', () => {
    const buffer = Uint8Array.from([9, 0x00, 0x40]);
    expect([...createPcm16Decoder()(buffer.subarray(1))]).toEqual([0.5]);
  });
});

describe('rms', () => {
  it.each([
    ['nothing', [], 0],
    ['silence', [0, 0], 0],
    ['a square wave', [0.5, -0.5, 0.5, -0.5], 0.5],
    ['a single peak', [1, 0, 0, 0], 0.5],
  ])('measures %s', (_title, samples, expected) => {
    expect(rms(samples)).toBeCloseTo(expected, 12);
  });
});
