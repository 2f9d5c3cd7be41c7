/**
 * Public keys of an issuer, fetched when needed: one fetch at a time, bounded in time and bytes, its failures remembered, so that neither
 * tokens with made-up key ids nor a dead issuer cause a storm.
 */
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../clock.ts';
import { ConfigError, ProxyError } from '../errors.ts';

export interface KeySet {
  readonly keys: readonly object[];
}

export interface KeySource {
  /** The keys to verify with. Rejects when there are none. */
  at(nowMs: number): Promise<JWTVerifyGetKey>;
  /** For a token whose key is unknown: fetches again, not too often. True when there are newer keys. */
  refresh(nowMs: number): Promise<boolean>;
}

/** Public keys change rarely; a set that is older is fetched anew, and used on while that fails, up to a day. */
const FRESH_MS = 600_000;
const USABLE_MS = 86_400_000;
/** Between two fetches that a token with an unknown key causes, and behind one that failed. */
const COOLDOWN_MS = 30_000;
const FAILED_MS = 5_000;
const FETCH_MS = 5_000;
const MOST_BYTES = 1_048_576;
const MOST_KEYS = 100;

export function fixedKeys(keys: KeySet): KeySource {
  const keyFor = createLocalJWKSet(keys as JSONWebKeySet);
  return { at: () => Promise.resolve(keyFor), refresh: () => Promise.resolve(false) };
}

export function isKeySet(value: unknown): value is KeySet {
  if (typeof value !== 'object' || value === null || !('keys' in value)) return false;
  const { keys } = value;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MOST_KEYS) return false;
  return keys.every((key) => typeof key === 'object' && key !== null && !('d' in key) && !('k' in key));
}

/** @throws ConfigError naming `option` when the address is neither `https:` nor on this machine. */
export function createRemoteKeys(option: string, address: string, clock: Clock): KeySource {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isLocal = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (!url || (url.protocol !== 'https:' && !isLocal))
    throw new ConfigError(option, 'is not an https: address, or an http: one on this machine.');
  return new RemoteKeys(url, clock);
}

class RemoteKeys implements KeySource {
  readonly #url: URL;
  readonly #clock: Clock;
  #keyFor: JWTVerifyGetKey | undefined;
  #fetchedAtMs = -Infinity;
  #triedAtMs = -Infinity;
  #hasFailed = false;
  #pending: Promise<boolean> | undefined;

  constructor(url: URL, clock: Clock) {
    this.#url = url;
    this.#clock = clock;
  }

  async at(nowMs: number): Promise<JWTVerifyGetKey> {
    if (nowMs - this.#fetchedAtMs > FRESH_MS) await this.#fetch(nowMs);
    if (this.#keyFor && nowMs - this.#fetchedAtMs <= USABLE_MS) return this.#keyFor;
    throw new ProxyError('AuthUnavailable', 'the keys of the issuer cannot be had');
  }

  async refresh(nowMs: number): Promise<boolean> {
    return nowMs - this.#triedAtMs >= COOLDOWN_MS && (await this.#fetch(nowMs));
  }

  /** True when new keys have come. */
  #fetch(nowMs: number): Promise<boolean> {
    if (this.#pending) return this.#pending;
    if (this.#hasFailed && nowMs - this.#triedAtMs < FAILED_MS) return Promise.resolve(false);
    this.#triedAtMs = nowMs;
    this.#pending = this.#load(nowMs).finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #load(nowMs: number): Promise<boolean> {
    const stop = new AbortController();
    const cancel = this.#clock.after(FETCH_MS, () => stop.abort());
    try {
      const keys = JSON.parse(await fetchText(this.#url, stop.signal)) as unknown;
      this.#hasFailed = !isKeySet(keys);
      if (this.#hasFailed) return false;
      this.#keyFor = createLocalJWKSet(keys as JSONWebKeySet);
      this.#fetchedAtMs = nowMs;
      return true;
    } catch {
      this.#hasFailed = true;
      return false;
    } finally {
      cancel();
      stop.abort();
    }
  }
}

async function fetchText(url: URL, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal, redirect: 'error', headers: { Accept: 'application/json' } });
  if (!response.ok || !response.body) throw new Error('no keys');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error('too many bytes');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
