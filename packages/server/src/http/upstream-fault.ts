/** What a provider's refusal is told as: fixed words, whatever its own were. */
import { ProxyError } from '../errors.ts';
import { HttpFault, rowFault } from './fault.ts';

const LONGEST_WAIT_SECONDS = 3_600;
const OVERLOADED: readonly number[] = [503, 529];

/** For a status that is not the hoped-for one. */
export function upstreamFault(status: number, retryAfter: string | undefined): Error {
  const why = `the upstream answered ${status}`;
  if (status === 401 || status === 403) return new ProxyError('UpstreamAuth', why);
  if (status === 408 || status === 504) return new ProxyError('UpstreamTimeout', why);
  if (status === 429 || OVERLOADED.includes(status)) return busy(status === 429 ? 429 : 503, retryAfter, why);
  return new ProxyError('UpstreamUnavailable', why);
}

function busy(status: number, retryAfter: string | undefined, why: string): HttpFault {
  const message = 'The provider is busy. Wait before you try again.';
  const retryAfterMs = toWaitMs(retryAfter);
  return new HttpFault({
    ...rowFault('UpstreamUnavailable', why, retryAfterMs),
    status,
    error: 'upstream_busy',
    message,
  });
}

/** Whole seconds only; a date would trust the provider's clock. */
export function toWaitMs(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined || !/^\d{1,9}$/.test(retryAfter)) return undefined;
  return Math.min(Number(retryAfter), LONGEST_WAIT_SECONDS) * 1000;
}
