/** The options of asrUpload(): their meaning, defaults and validation. */
import { ConfigError } from '../errors.ts';
import { checkHttpUrl } from '../upstream/http-url.ts';
import { toKeys } from '../upstream/provider-key.ts';
import type { KeyRing } from '../upstream/key-ring.ts';
import { Secret } from '../upstream/secret.ts';
import type { ProviderKey } from '../upstream/secret-sources.ts';
import { resolveNumbers, type Range } from './number-options.ts';

export interface AsrUploadOptions {
  /** The transcription service that is uploaded to, `https:`, or `http:` on loopback. Clients and logs never see it. */
  url: string | undefined;
  /** Sent to the service as `Authorization: Bearer`. Default: none. */
  apiKey?: ProviderKey | undefined;
  /** Longest audio, in bytes. Default 50 MiB, at most 1 GiB. Beyond: 413. */
  maxFileBytes?: number | undefined;
  /** Time for the transcript once the audio is with the service. Default 60 000 ms. Beyond: 504. */
  timeoutMs?: number | undefined;
  /** Time for the upload. Default and at most 300 000 ms, which is Node's own limit of a request. Beyond, or after ten seconds without a byte: 408. */
  uploadTimeoutMs?: number | undefined;
  /** Uploads of one user, or of one address without users, in one window. Default 60. Beyond: 429. */
  requestsPerWindow?: number | undefined;
  /** Default 60 000 ms, at most a day. */
  windowMs?: number | undefined;
}

export interface UploadSettings {
  readonly url: Secret;
  readonly keys: KeyRing | undefined;
  readonly numbers: Numbers;
}

type NumberName = 'maxFileBytes' | 'timeoutMs' | 'uploadTimeoutMs' | 'requestsPerWindow' | 'windowMs';
type Numbers = Readonly<Record<NumberName, number>>;

const RANGES: Readonly<Record<NumberName, Range>> = {
  maxFileBytes: [52_428_800, 1, 1_073_741_824],
  timeoutMs: [60_000, 1, 600_000],
  uploadTimeoutMs: [300_000, 1, 300_000],
  requestsPerWindow: [60, 1, 100_000],
  windowMs: [60_000, 1_000, 86_400_000],
};

/** Where the key goes. */
export const ASR_KEY_SLOT = { in: 'header', name: 'authorization', format: 'Bearer {key}' } as const;

/** @throws ConfigError that names the option that cannot work. */
export function resolveUpload(options: AsrUploadOptions): UploadSettings {
  if (options.url === undefined || options.url === '')
    throw new ConfigError('asrUpload().url', 'is missing. Give the address of the transcription service.');
  return {
    url: new Secret(checkHttpUrl('asrUpload().url', options.url)),
    keys:
      options.apiKey === undefined
        ? undefined
        : toKeys('asrUpload().apiKey', options.apiKey, ASR_KEY_SLOT, 'ASR'),
    numbers: resolveNumbers('asrUpload()', RANGES, options),
  };
}
