/** Changes the sample rate of a whole recording by a windowed-sinc filter. Does not stream: callers hold whole utterances. */

/** The rates that the local upstreams accept and produce, in hertz. */
export const SAMPLE_RATES: readonly number[] = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000];

const ZERO_CROSSINGS = 16;
const PASSBAND = 0.94;

/** `samples` at `toRate`. Throws a RangeError for a rate that is not in SAMPLE_RATES. */
export function resample(samples: Int16Array, fromRate: number, toRate: number): Int16Array {
  if (!SAMPLE_RATES.includes(fromRate) || !SAMPLE_RATES.includes(toRate))
    throw new RangeError(`cannot resample from ${fromRate} to ${toRate}`);
  if (fromRate === toRate) return samples;
  const divisor = greatestCommonDivisor(fromRate, toRate);
  const up = toRate / divisor;
  const down = fromRate / divisor;
  const cutoff = PASSBAND * Math.min(1, toRate / fromRate);
  const reach = Math.ceil(ZERO_CROSSINGS / cutoff);
  const kernels = Array.from({ length: up }, (_, phase) => kernelOf(phase / up, cutoff, reach));
  const out = new Int16Array(Math.ceil((samples.length * up) / down));
  for (let n = 0; n < out.length; n += 1) {
    const at = n * down;
    out[n] = weigh(samples, Math.floor(at / up) - reach + 1, kernels[at % up] ?? []);
  }
  return out;
}

function weigh(samples: Int16Array, first: number, kernel: ArrayLike<number>): number {
  let sum = 0;
  const from = Math.max(0, -first);
  const to = Math.min(kernel.length, samples.length - first);
  for (let k = from; k < to; k += 1) sum += (samples[first + k] ?? 0) * (kernel[k] ?? 0);
  return Math.max(-32768, Math.min(32767, Math.round(sum)));
}

/** The weights of the 2 * reach samples around a point `offset` (0..1) after a sample; they add up to one. */
function kernelOf(offset: number, cutoff: number, reach: number): Float64Array {
  const kernel = Float64Array.from({ length: 2 * reach }, (_, k) => {
    const x = k - reach + 1 - offset;
    return sinc(cutoff * x) * blackman(x / reach);
  });
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  return kernel.map((weight) => weight / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function blackman(x: number): number {
  return Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
