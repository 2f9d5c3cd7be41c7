/** Where a route's keys come from when they are not written into the options: a function of the application, or a file. Loads nothing itself. */
import { readFile } from 'node:fs/promises';
import { ConfigError } from '../errors.ts';

export interface SecretSourceOptions {
  /**
   * Gets the key, or several, from where they are kept. It should stop when the signal aborts, which it does after `timeoutMs`. What it
   * throws is told by its name alone, since its text can hold a secret.
   */
  load(signal: AbortSignal): Promise<string | readonly string[]> | string | readonly string[];
  /** For how long a key is used before it is loaded again, in milliseconds. Default 60 000; from 1 000 to 86 400 000. */
  refreshMs?: number | undefined;
  /** Longest time for one load, in milliseconds. Default 5 000; from 1 to 60 000. */
  timeoutMs?: number | undefined;
}

/** Made by `secretSource()` and `secretFile()`. */
export interface SecretSource {
  readonly kind: 'secret-source';
  readonly load: (signal: AbortSignal) => Promise<readonly string[]>;
  readonly refreshMs: number;
  readonly timeoutMs: number;
}

/** A provider's key: as it is, several of which one is used until the provider refuses it, or where they come from. */
export type ProviderKey = string | readonly string[] | SecretSource;

/**
 * Keys from a secret manager, by a function of yours. A key is loaded when the proxy is made, and anew for the first session after
 * `refreshMs` and for one whose key was refused; a load that fails, or takes longer than 250 ms, leaves the last one in use.
 * @throws ConfigError when an option cannot work.
 */
export function secretSource(options: SecretSourceOptions): SecretSource {
  return toSource('secretSource()', options, async (signal) => toList(await options.load(signal)));
}

/**
 * Keys from a file, one on each line, as orchestrators mount secrets. Whoever rotates them replaces the file.
 * @throws ConfigError when an option cannot work; not for a file that cannot be read, which is tried again.
 */
export function secretFile(
  path: string,
  options: Pick<SecretSourceOptions, 'refreshMs' | 'timeoutMs'> = {},
): SecretSource {
  if (typeof path !== 'string' || path === '')
    throw new ConfigError('secretFile()', 'has no path. Pass the path of the file that holds the key.');
  const load = async (signal: AbortSignal): Promise<string[]> =>
    (await readFile(path, { encoding: 'utf8', signal })).split('\n').filter((line) => line.trim() !== '');
  return toSource('secretFile()', { ...options, load }, load);
}

export function isSecretSource(value: unknown): value is SecretSource {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'secret-source';
}

function toSource(
  name: string,
  { load: given, refreshMs = 60_000, timeoutMs = 5_000 }: SecretSourceOptions,
  load: SecretSource['load'],
): SecretSource {
  if (typeof given !== 'function')
    throw new ConfigError(`${name}.load`, 'is not a function. Write it like async (signal) => key.');
  checkTime(`${name}.refreshMs`, refreshMs, 1_000, 86_400_000);
  checkTime(`${name}.timeoutMs`, timeoutMs, 1, 60_000);
  return { kind: 'secret-source', load, refreshMs, timeoutMs };
}

function checkTime(option: string, ms: unknown, least: number, most: number): void {
  if (typeof ms === 'number' && ms >= least && ms <= most) return;
  throw new ConfigError(option, `is not a number from ${least} to ${most}.`);
}

function toList(loaded: unknown): string[] {
  const list: unknown[] = Array.isArray(loaded) ? loaded : [loaded];
  if (list.every((key) => typeof key === 'string')) return list;
  throw new TypeError('load() gave something that is no key');
}
