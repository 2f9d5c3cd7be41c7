/**
 * Streaming change of sample rate by a windowed-sinc polyphase filter: the same filter is the low-pass before
 * decimation. State lives per sample, so chunk borders do not exist for it. Pure; runs inside worklets.
 */

export interface Resampler {
  /** Takes the next sample at the source rate. Call pull() until it is empty before the next push. */
  push(sample: number): void;
  /** The next sample at the target rate, or undefined until more was pushed. */
  pull(): number | undefined;
}

/** Zero crossings of the filter on each side: more of them make the transition band narrower. */
const CROSSINGS = 24;
/** Edge of the pass band relative to the lower of the two Nyquist frequencies; leaves room for the transition. */
const CUTOFF = 0.91;

/** Converts between two whole sample rates in Hz; equal rates pass samples through unchanged. */
export function createResampler(from: number, to: number): Resampler {
  const divisor = greatestDivisor(from, to);
  const phases = to / divisor;
  const ratio = Math.min(1, to / from);
  const half = from === to ? 0 : Math.ceil(CROSSINGS / ratio);
  const taps = 2 * half + 1;
  const filter = polyphaseFilter(phases, half, half ? CUTOFF * ratio : 1);
  // Every sample is written twice, a window apart, so that the newest window is always one contiguous run.
  const history = new Float32Array(2 * taps);
  let at = 0;
  let phase = 0;
  let missing = half + 1;
  return {
    push(sample) {
      history[at] = history[at + taps] = sample;
      at = (at + 1) % taps;
      missing--;
    },
    pull() {
      if (missing > 0) return undefined;
      let sum = 0;
      const row = phase * taps;
      for (let k = 0; k < taps; k++) sum += (filter[row + k] as number) * (history[at + k] as number);
      phase += from / divisor;
      missing += Math.floor(phase / phases);
      phase %= phases;
      return sum;
    },
  };
}

/** One row of coefficients for each fractional position of an output sample; Blackman window. */
function polyphaseFilter(phases: number, half: number, cutoff: number): Float32Array {
  const taps = 2 * half + 1;
  return Float32Array.from({ length: phases * taps }, (_, i) => {
    const distance = (i % taps) - half - Math.floor(i / taps) / phases;
    const turn = (Math.PI * distance) / (half + 1);
    const angle = Math.PI * cutoff * distance;
    const blackman = 0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn);
    return cutoff * blackman * (angle ? Math.sin(angle) / angle : 1);
  });
}

function greatestDivisor(a: number, b: number): number {
  return b ? greatestDivisor(b, a % b) : a;
}
