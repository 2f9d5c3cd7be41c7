/**
 * Has the keys of routes loaded from their sources: at the start, and again for whoever needs one that has grown old or was refused. One
 * load at a time for each, bounded in time; one that fails or takes long leaves the last keys in use. No timer runs while nobody needs a key.
 */
import type { Clock } from '../clock.ts';
import { ConfigError, ProxyError } from '../errors.ts';
import type { KeyRing } from './key-ring.ts';
import { checkCount } from './provider-key.ts';
import type { SecretSource } from './secret-sources.ts';

export interface KeyLog {
  replaced(facts: { readonly option: string; readonly keys: number }): void;
  /** `ageMs` is how old the keys in use are; undefined where there are none. */
  loadFailed(facts: {
    readonly option: string;
    readonly why: string;
    readonly ageMs: number | undefined;
  }): void;
}

export interface KeyLoading {
  /**
   * Resolves when the ring has keys that are not older than its source allows, or the newest that can be had without a long wait. Rejects
   * with a ProxyError when there are none. Undefined where there is nothing to wait for.
   */
  ready(ring: KeyRing): Promise<void> | undefined;
  /** Has keys loaded anew of which one was refused; resolves when that is done. Undefined where no others can be had, or were looked for just now. */
  renew(ring: KeyRing): Promise<void> | undefined;
  /** Rejects with a ConfigError for the first ring whose keys cannot be loaded. */
  loadAll(): Promise<void>;
  /** Whether all rings have keys; has those loaded that have none. */
  areLoaded(): boolean;
  /** Aborts what is being loaded; nothing is loaded any more. */
  stop(): void;
}

interface State {
  loadedAtMs: number;
  triedAtMs: number;
  /** What the last load failed of. */
  failure: unknown;
  pending: Pending | undefined;
}

interface Pending {
  readonly done: Promise<void>;
  /** For those that have a key: resolves also when it takes long. */
  readonly soon: Promise<void>;
}

/** Between two tries to get a first key. */
const RETRY_MS = 1_000;
/** Between two loads because a key was refused: a client's request can have it refused. */
const RENEW_MS = 5_000;
/** How long those that have a key wait for a newer one. */
const PATIENCE_MS = 250;

/** Begins to load. What fails is in the log, and is tried again for whoever needs a key. */
export function createKeyLoading(rings: Iterable<KeyRing>, clock: Clock, log: KeyLog): KeyLoading {
  const loading = new Loading([...rings], clock, log);
  loading.areLoaded();
  return loading;
}

class Loading implements KeyLoading {
  readonly #rings: readonly KeyRing[];
  readonly #clock: Clock;
  readonly #log: KeyLog;
  readonly #states = new WeakMap<KeyRing, State>();
  readonly #stopping = new AbortController();

  constructor(rings: readonly KeyRing[], clock: Clock, log: KeyLog) {
    this.#rings = rings;
    this.#clock = clock;
    this.#log = log;
  }

  ready(ring: KeyRing): Promise<void> | undefined {
    const source = ring.origin?.source;
    if (!source) return undefined;
    if (ring.isLoaded) return this.#newer(ring, source);
    const pending = this.#loadAfter(RETRY_MS, ring, source);
    if (!pending) return Promise.reject(noKey());
    return pending.done.then(() => {
      if (!ring.isLoaded) throw noKey();
    });
  }

  renew(ring: KeyRing): Promise<void> | undefined {
    const source = ring.origin?.source;
    return source && this.#loadAfter(RENEW_MS, ring, source)?.done;
  }

  async loadAll(): Promise<void> {
    for (const ring of this.#rings) {
      await this.ready(ring)?.catch(() => undefined);
      if (ring.isLoaded || ring.isEmpty) continue;
      throw toConfigError(ring.origin?.option ?? 'apiKey', this.#stateOf(ring).failure);
    }
  }

  areLoaded(): boolean {
    const missing = this.#rings.filter((ring) => !ring.isLoaded && !ring.isEmpty);
    for (const ring of missing) this.ready(ring)?.catch(() => undefined);
    return missing.length === 0;
  }

  stop(): void {
    this.#stopping.abort();
  }

  #newer(ring: KeyRing, source: SecretSource): Promise<void> | undefined {
    if (this.#clock.elapsed() - this.#stateOf(ring).loadedAtMs < source.refreshMs) return undefined;
    return this.#loadAfter(source.refreshMs, ring, source)?.soon;
  }

  #stateOf(ring: KeyRing): State {
    const known = this.#states.get(ring);
    if (known) return known;
    const state = { loadedAtMs: -Infinity, triedAtMs: -Infinity, failure: undefined, pending: undefined };
    this.#states.set(ring, state);
    return state;
  }

  /** What is being loaded, begun now unless the last load began less than this ago. */
  #loadAfter(restMs: number, ring: KeyRing, source: SecretSource): Pending | undefined {
    const state = this.#stateOf(ring);
    if (!state.pending && this.#clock.elapsed() - state.triedAtMs >= restMs)
      state.pending = this.#begin(ring, source, state);
    return state.pending;
  }

  #begin(ring: KeyRing, source: SecretSource, state: State): Pending {
    const done = this.#loadOnce(ring, source, state).finally(() => {
      state.pending = undefined;
    });
    const patience = new Promise<void>((resolve) => {
      const cancel = this.#clock.after(PATIENCE_MS, resolve);
      void done.finally(cancel);
    });
    return { done, soon: Promise.race([done, patience]) };
  }

  async #loadOnce(ring: KeyRing, source: SecretSource, state: State): Promise<void> {
    state.triedAtMs = this.#clock.elapsed();
    const option = ring.origin?.option ?? 'apiKey';
    try {
      const texts = await this.#inTime(source);
      checkCount(option, texts.length);
      const keys = texts.map((text) => ring.origin?.check(text)).filter((key) => key !== undefined);
      const isFirst = !ring.isLoaded;
      if (ring.replace(keys) && !isFirst) this.#log.replaced({ option, keys: keys.length });
      state.loadedAtMs = this.#clock.elapsed();
      state.failure = undefined;
    } catch (error) {
      state.failure = error;
      if (this.#stopping.signal.aborted) return;
      const ageMs = ring.isLoaded ? this.#clock.elapsed() - state.loadedAtMs : undefined;
      this.#log.loadFailed({ option, why: whyOf(error), ageMs });
    }
  }

  /** Also a source that does not heed its signal is waited for no longer. */
  async #inTime(source: SecretSource): Promise<readonly string[]> {
    if (this.#stopping.signal.aborted) throw new LoadEnd('the proxy is closed');
    const ending = new AbortController();
    const over = new Promise<never>((_, reject) => {
      ending.signal.addEventListener('abort', () => reject(ending.signal.reason as Error));
    });
    const onStop = (): void => ending.abort(new LoadEnd('the proxy is closed'));
    this.#stopping.signal.addEventListener('abort', onStop);
    const cancel = this.#clock.after(source.timeoutMs, () => ending.abort(new LoadEnd('no answer in time')));
    try {
      return await Promise.race([source.load(ending.signal), over]);
    } finally {
      cancel();
      this.#stopping.signal.removeEventListener('abort', onStop);
    }
  }
}

/** Its words are ours. */
class LoadEnd extends Error {}

/** What a source gave and cannot be a key is told as if it stood in the option. */
function toConfigError(option: string, failure: unknown): ConfigError {
  if (failure instanceof ConfigError) return failure;
  const problem = `cannot be loaded (${whyOf(failure)}).`;
  return new ConfigError(option, `${problem} Check the source, and that this process may read it.`);
}

/** An error's code or name; a source may have put anything there too. */
const WORD = /^[A-Za-z][A-Za-z0-9_]{0,40}$/;

/** Nothing of a text that a source has written. */
function whyOf(error: unknown): string {
  if (error instanceof LoadEnd) return error.message;
  if (error instanceof ConfigError) return error.message.slice(error.option.length + 2);
  if (!(error instanceof Error)) return typeof error;
  const word = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return WORD.test(word) ? word : 'Error';
}

function noKey(): ProxyError {
  return new ProxyError('UpstreamUnavailable', 'no key could be loaded');
}
