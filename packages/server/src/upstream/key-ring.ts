/**
 * The keys of one route: which is to be tried next, and all that may stand in no text that leaves the server. It knows nothing of where
 * keys come from in time (key-loading.ts) and calls no provider.
 */
import type { TextFilter } from './text-filter.ts';
import { type Confidential, Secret } from './secret.ts';
import type { SecretSource } from './secret-sources.ts';

/** Keys that were replaced: sessions that began with one go on, and their provider may still tell it. */
const MOST_FORMER = 16;

interface Entry {
  readonly key: Secret;
  /** Its place among the others when it came, from 1. */
  readonly place: number;
  /** Whether the provider has taken it, or nothing was there before it. */
  isProven: boolean;
  /** Counts up with each refusal; 0 for a key that was not refused since it was last taken. */
  refusedAt: number;
}

/** Which key was refused, in words that tell none of it. */
export interface RefusedKey {
  /** The option that it came from. */
  readonly option: string;
  /** Such as `1 of 2`. */
  readonly key: string;
  /** Whether it has just taken the place of another, and was never taken. */
  readonly isNew: boolean;
}

export interface KeyOrigin {
  /** Path of the option, such as `deepgram().apiKey`. */
  readonly option: string;
  /** From the text of a loaded key. @throws ConfigError when it cannot travel where the preset puts it. */
  readonly check: (text: string) => Secret;
  /** Undefined for keys that were written into the options. */
  readonly source?: SecretSource | undefined;
}

export class KeyRing implements Confidential {
  readonly origin: KeyOrigin | undefined;
  #current: readonly Entry[];
  #former: readonly Entry[] = [];
  #all: readonly Secret[];
  #refusals = 0;

  /** Without keys and without a source it is that of a provider who wants none. */
  constructor(keys: readonly Secret[], origin?: KeyOrigin) {
    this.origin = origin;
    this.#current = toEntries(keys, true);
    this.#all = keys;
  }

  /** True where the provider wants no key. */
  get isEmpty(): boolean {
    return this.#current.length === 0 && this.origin?.source === undefined;
  }

  get isLoaded(): boolean {
    return this.#current.length > 0;
  }

  /**
   * In the order in which they are tried: as they were given, then the one that was replaced last, then those that were refused, the
   * longest ago first, since they may have been restored.
   */
  candidates(): readonly Secret[] {
    const last = this.#former.slice(0, 1);
    const entries = [...this.#current, ...(this.#current.some(({ isProven }) => isProven) ? [] : last)];
    return entries.toSorted((a, b) => a.refusedAt - b.refusedAt).map(({ key }) => key);
  }

  /** The provider has refused it. Undefined when that is known. */
  refused(key: Secret): RefusedKey | undefined {
    const entry = this.#find(key);
    if (!entry) return undefined;
    const isKnown = entry.refusedAt > 0;
    this.#refusals += 1;
    entry.refusedAt = this.#refusals;
    if (isKnown) return undefined;
    const place = this.#current.includes(entry) ? `${entry.place} of ${this.#current.length}` : 'former';
    return { option: this.origin?.option ?? 'apiKey', key: place, isNew: !entry.isProven };
  }

  /** The provider has taken it. */
  accepted(key: Secret): void {
    const entry = this.#find(key);
    if (!entry) return;
    entry.refusedAt = 0;
    entry.isProven = true;
  }

  /** Takes loaded keys in place of the present ones. False when they are the same. */
  replace(keys: readonly Secret[]): boolean {
    const present = this.#current;
    const isSame =
      keys.length === present.length && keys.every((key, at) => present[at]?.key.equals(key) === true);
    if (isSame) return false;
    const known = [...present, ...this.#former];
    this.#current = toEntries(keys, present.length === 0).map((entry) => keepState(entry, known) ?? entry);
    const gone = known.filter(({ key }) => !keys.some((kept) => kept.equals(key)));
    this.#former = gone.slice(0, MOST_FORMER);
    this.#all = [...this.#current, ...this.#former].map(({ key }) => key);
    return true;
  }

  isToldBy(text: string): boolean {
    return this.#all.some((key) => key.isToldBy(text));
  }

  createFilter(): TextFilter {
    return Secret.filterOf(this.#all);
  }

  standsIn(bytes: Buffer): boolean {
    return this.#all.some((key) => key.standsIn(bytes));
  }

  redactIn(text: string): string {
    return this.#all.reduce((left, key) => key.redactIn(left), text);
  }

  #find(key: Secret): Entry | undefined {
    return [...this.#current, ...this.#former].find((entry) => entry.key.equals(key));
  }
}

function toEntries(keys: readonly Secret[], isProven: boolean): Entry[] {
  return keys.map((key, at) => ({ key, place: at + 1, isProven, refusedAt: 0 }));
}

/** A key that only changes its place is no new one. */
function keepState({ key, place }: Entry, known: readonly Entry[]): Entry | undefined {
  const before = known.find((entry) => entry.key.equals(key));
  return before && { ...before, place };
}
