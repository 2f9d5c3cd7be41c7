/** When an upstream is taken for dead: the options, their defaults and their checks. breaker.ts does it. */
import { ConfigError } from '../errors.ts';
import type { BreakerRules } from './breaker.ts';

/** Times are milliseconds. */
export interface BreakerOptions {
  /** Dials in a row that find the provider down before further ones fail at once. Default 5; a whole number from 1 to 1 000. */
  failures?: number | undefined;
  /** First time without dials; it doubles with each probe that fails. Default 1 000, at most 60 000. */
  shortestMs?: number | undefined;
  /** Longest time without dials. Default 30 000, at most 3 600 000, and no less than `shortestMs`. */
  longestMs?: number | undefined;
}

export const DEFAULT_BREAKER: BreakerRules = { failures: 5, shortestMs: 1_000, longestMs: 30_000 };

/** Undefined when it is off. @throws ConfigError that names the option that cannot work. */
export function resolveBreaker(options: BreakerOptions | false = {}): BreakerRules | undefined {
  if (options === false) return undefined;
  if (typeof options !== 'object' || options === null)
    throw new ConfigError('breaker', 'is neither false nor an object. Write it like { failures: 5 }.');
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(DEFAULT_BREAKER, name));
  if (unknown !== undefined)
    throw new ConfigError(`breaker.${unknown}`, 'is not an option. Check its spelling.');
  const {
    failures = DEFAULT_BREAKER.failures,
    shortestMs = DEFAULT_BREAKER.shortestMs,
    longestMs = DEFAULT_BREAKER.longestMs,
  } = options;
  if (!Number.isInteger(failures) || failures < 1 || failures > 1_000)
    throw new ConfigError('breaker.failures', 'is not a whole number from 1 to 1000.');
  checkTime('breaker.shortestMs', shortestMs, 60_000);
  checkTime('breaker.longestMs', longestMs, 3_600_000);
  if (shortestMs > longestMs)
    throw new ConfigError(
      'breaker.longestMs',
      `is less than shortestMs, ${shortestMs}. Raise it, or lower that.`,
    );
  return { failures, shortestMs, longestMs };
}

function checkTime(option: string, ms: unknown, mostMs: number): void {
  if (typeof ms === 'number' && ms > 0 && ms <= mostMs) return;
  throw new ConfigError(option, `is not a number above 0 and at most ${mostMs}.`);
}
