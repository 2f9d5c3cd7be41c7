/**
 * Keeps opened connections to one endpoint for the sessions that come next: each is used once, by one session, and is ended unused when it has
 * grown old. They are opened one at a time, and only while sessions come. What one is, spare.ts says.
 */
import { socketsHeard, type Clock } from '../clock.ts';
import { Stop } from '../stop-signal.ts';
import type { DialFor } from './dial.ts';
import type { OpenedUpstream } from './open-upstream.ts';
import type { Route, Spares } from './route.ts';
import type { Secret } from './secret.ts';
import { Spare } from './spare.ts';
import type { Target } from './target.ts';

export interface PoolParts {
  readonly clock: Clock;
  readonly rules: Spares;
  readonly dial: DialFor<OpenedUpstream>;
}

/** After a spare that could not be opened, or did not last; doubles up to the longest. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

interface Kept {
  readonly spare: Spare;
  readonly key: Secret | undefined;
  readonly openedAtMs: number;
  /** Of the timer that ends it. */
  readonly cancel: () => void;
}

/** What the last session asked for. */
interface Asked {
  readonly route: Route;
  readonly target: Target;
  readonly atMs: number;
}

export class SparePool {
  readonly #parts: PoolParts;
  /** The oldest first. */
  #kept: readonly Kept[] = [];
  #asked: Asked | undefined;
  #opening: Stop | undefined;
  #notBeforeMs = -Infinity;
  #waitMs = FIRST_WAIT_MS;
  #isStopped = false;

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  /** The newest good one that was opened with this key; it is the caller's alone. */
  async take(key: Secret | undefined): Promise<OpenedUpstream | undefined> {
    for (;;) {
      const found = this.#kept.findLast((one) => isSame(one.key, key));
      if (!found) return undefined;
      this.#forget(found);
      await socketsHeard();
      if (this.#isUsable(found)) {
        this.#waitMs = FIRST_WAIT_MS;
        return found.spare.take();
      }
      found.spare.end();
    }
  }

  /** A machine that has slept runs its timers late. */
  #isUsable({ spare, openedAtMs }: Kept): boolean {
    const { clock, rules } = this.#parts;
    return spare.isGood && clock.now() - openedAtMs < rules.longestIdleMs;
  }

  /** A session has come that could use one: others like it are to be had for a while. */
  keepUp(route: Route, target: Target): void {
    this.#asked = { route, target, atMs: this.#parts.clock.now() };
    this.#fill();
  }

  /** Ends all, for good. */
  stop(): void {
    this.#isStopped = true;
    this.#opening?.abort();
    for (const one of this.#kept) this.#drop(one);
  }

  #fill(): void {
    const { clock, rules } = this.#parts;
    const isLate = clock.elapsed() < this.#notBeforeMs;
    if (!this.#isWanted() || this.#opening || isLate || this.#kept.length >= rules.count) return;
    const stop = new Stop();
    this.#opening = stop;
    void this.#open(stop).then((isOpened) => {
      this.#opening = undefined;
      if (isOpened) this.#fill();
      else this.#holdOff();
    });
  }

  #isWanted(): boolean {
    const { clock, rules } = this.#parts;
    return !this.#isStopped && this.#asked !== undefined && clock.now() - this.#asked.atMs < rules.keptForMs;
  }

  /** Never rejects: what fails is told by the dial of the next session. */
  async #open(stop: Stop): Promise<boolean> {
    const { route, target } = this.#asked as Asked;
    try {
      const opened = await this.#parts.dial(route, target, stop);
      return this.#add(opened, target.key);
    } catch {
      return false;
    }
  }

  #add(opened: OpenedUpstream, key: Secret | undefined): boolean {
    const { clock, rules } = this.#parts;
    const spare = new Spare(opened, () => this.#onSpoilt(kept));
    const cancel = clock.after(rules.longestIdleMs, () => this.#onOld(kept), true);
    const kept: Kept = { spare, key, openedAtMs: clock.now(), cancel };
    this.#kept = [...this.#kept, kept];
    const { isGood } = spare;
    if (!isGood || !this.#isWanted()) this.#drop(kept);
    return isGood;
  }

  #onOld(kept: Kept): void {
    this.#drop(kept);
    this.#fill();
  }

  #onSpoilt(kept: Kept): void {
    this.#drop(kept);
    this.#holdOff();
  }

  #holdOff(): void {
    this.#notBeforeMs = this.#parts.clock.elapsed() + this.#waitMs;
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }

  #drop(kept: Kept): void {
    this.#forget(kept);
    kept.spare.end();
  }

  #forget(kept: Kept): void {
    kept.cancel();
    this.#kept = this.#kept.filter((one) => one !== kept);
  }
}

function isSame(one: Secret | undefined, other: Secret | undefined): boolean {
  return one === other || (one !== undefined && other?.equals(one) === true);
}
