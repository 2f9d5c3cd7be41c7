/** Numbers among a route's options. */
import { ConfigError } from '../errors.ts';

/** Default, least and most. */
export type Range = readonly [number, number, number];

/** The numbers of a route's options, defaults filled in. @throws ConfigError naming the one that is out of its range. */
export function resolveNumbers<Name extends string>(
  preset: string,
  ranges: Readonly<Record<Name, Range>>,
  given: Partial<Readonly<Record<Name, number | undefined>>>,
): Readonly<Record<Name, number>> {
  const names = Object.keys(ranges) as Name[];
  return Object.fromEntries(
    names.map((name) => [name, check(`${preset}.${name}`, given[name], ranges[name])]),
  ) as Record<Name, number>;
}

function check(option: string, given: number | undefined, [byDefault, least, most]: Range): number {
  const value = given ?? byDefault;
  // NaN compares as false with everything, so it would lift the limit unseen.
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new ConfigError(option, `is not a number from ${least} to ${most}.`);
}
