/** So many requests within a window of time that moves with the clock, for each key; its memory is bounded. */

export interface WindowRule {
  readonly max: number;
  readonly windowMs: number;
}

export interface WindowState {
  readonly used: number;
  readonly remaining: number;
  /** How long until there is room for one more; 0 while there is. */
  readonly waitMs: number;
}

export interface Taken extends WindowState {
  readonly isTaken: boolean;
}

/** Keys that are followed one by one. What comes beyond them shares one window, so that nobody's count is forgotten. */
const MOST_KEYS = 50_000;
const CROWD = '';

export class SlidingWindow {
  readonly rule: WindowRule;
  readonly #now: () => number;
  readonly #mostKeys: number;
  /** Moments of requests by key, in order; the key that was used last stands last. */
  readonly #stamps = new Map<string, number[]>();

  constructor(rule: WindowRule, now: () => number, mostKeys = MOST_KEYS) {
    this.rule = rule;
    this.#now = now;
    this.#mostKeys = mostKeys;
  }

  /** Counts one request where there is room for it. One that is turned away does not count. */
  take(key: string): Taken {
    const now = this.#now();
    this.#forgetOld(now);
    const place = this.#placeOf(key);
    const stamps = this.#freshOf(place, now);
    const isTaken = stamps.length < this.rule.max;
    if (isTaken) stamps.push(now);
    this.#stamps.delete(place);
    this.#stamps.set(place, stamps);
    return { isTaken, ...this.#stateOf(stamps, now) };
  }

  /** The state without counting anything. */
  look(key: string): WindowState {
    const now = this.#now();
    return this.#stateOf(this.#freshOf(this.#placeOf(key), now), now);
  }

  #placeOf(key: string): string {
    return this.#stamps.has(key) || this.#stamps.size < this.#mostKeys ? key : CROWD;
  }

  /** A moment that is to come is of a clock that has been set back since. */
  #freshOf(place: string, now: number): number[] {
    const stamps = this.#stamps.get(place) ?? [];
    return stamps.filter((stamp) => stamp > now - this.rule.windowMs && stamp <= now);
  }

  #stateOf(stamps: readonly number[], now: number): WindowState {
    const { max, windowMs } = this.rule;
    const used = stamps.length;
    const oldest = stamps[used - max];
    const waitMs = oldest === undefined ? 0 : oldest + windowMs - now;
    return { used, remaining: Math.max(0, max - used), waitMs };
  }

  /** The least recently used stand first, so that whatever is old is found there. */
  #forgetOld(now: number): void {
    for (const [place] of this.#stamps) {
      if (this.#freshOf(place, now).length > 0) return;
      this.#stamps.delete(place);
    }
  }
}
