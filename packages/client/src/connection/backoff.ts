/** How long to wait before the next attempt, in milliseconds; pure. Which kind of wait applies is retry.ts's decision. */

/**
 * - `none`: dial at once;
 * - `back-off`: full jitter below a bound that doubles with each retry;
 * - `spread`: anywhere below the longest back-off, so that the clients of a restarting server do not return together;
 * - `stated`: what the server asked for, never less.
 */
export type Wait =
  | { readonly kind: 'none' | 'spread' }
  | { readonly kind: 'back-off'; /** 0 for the first. */ readonly retry: number }
  | { readonly kind: 'stated'; readonly ms: number };

export interface BackoffBounds {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** Beyond this the bound is the maximum anyway, and a power of two would end as Infinity. */
const MAX_DOUBLINGS = 30;
/** A stated wait is lengthened by up to this share, so that those who were told the same do not return together. */
const STATED_JITTER = 0.2;

/** `random` returns numbers from 0 up to but not including 1, as Math.random does. */
export function delayOf(wait: Wait, bounds: BackoffBounds, random: () => number): number {
  switch (wait.kind) {
    case 'none':
      return 0;
    case 'spread':
      return random() * bounds.maxDelayMs;
    case 'stated':
      return Math.max(0, wait.ms) * (1 + STATED_JITTER * random());
    case 'back-off':
      return (
        random() * Math.min(bounds.maxDelayMs, bounds.firstDelayMs * 2 ** Math.min(wait.retry, MAX_DOUBLINGS))
      );
  }
}
