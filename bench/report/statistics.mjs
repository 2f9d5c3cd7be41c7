/** Quantiles of samples. Pure. */

/** Linear between the two nearest; undefined for no samples. */
export function quantile(samples, share) {
  if (samples.length === 0) return undefined;
  const sorted = samples.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  return low + (high - low) * (place - Math.floor(place));
}

/** Median and quartiles. */
export const spreadOf = (samples) => ({
  median: quantile(samples, 0.5),
  low: quantile(samples, 0.25),
  high: quantile(samples, 0.75),
  count: samples.length,
});

/** Of many samples, each share's value that so many lie at or below (nearest rank). */
export function percentilesOf(samples, shares) {
  const sorted = Float64Array.from(samples).toSorted();
  return shares.map((share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
}
