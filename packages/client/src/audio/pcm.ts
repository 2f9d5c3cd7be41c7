/**
 * Arithmetic on PCM16 little endian, the format of every provider here. Pure, so that it also runs inside a
 * worklet; changing the sample rate is left to resampler.ts.
 */

const FULL_SCALE = 32768;

/** Encodes samples of -1..1, rounded; what lies outside is clamped. A NaN becomes silence. */
export function toPcm16(samples: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < samples.length; i++) {
    const scaled = Math.round((samples[i] as number) * FULL_SCALE);
    view.setInt16(i * 2, Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, scaled)), true);
  }
  return bytes;
}

/** Makes a decoder for a stream of bytes whose chunks may end in the middle of a sample. */
export function createPcm16Decoder(): (bytes: Uint8Array) => Float32Array {
  let low: number | undefined;
  return (bytes) => {
    const samples = new Float32Array((bytes.length + (low === undefined ? 0 : 1)) >> 1);
    let at = 0;
    for (const byte of bytes) {
      if (low === undefined) low = byte;
      else {
        samples[at++] = (((byte << 24) >> 16) | low) / FULL_SCALE;
        low = undefined;
      }
    }
    return samples;
  };
}

/** Root mean square of samples, 0..1 for samples of -1..1; 0 for none. */
export function rms(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += (samples[i] as number) ** 2;
  return Math.sqrt(sum / (samples.length || 1));
}
