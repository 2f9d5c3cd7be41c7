/** Judges an upstream's answer to an upgrade (RFC 6455 4.1). Its words are fixed: nothing that the upstream sent is in them. */
import type { Clock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import type { StopSignal } from '../stop-signal.ts';
import { trimSpace, type Answer } from './answer-head.ts';

/** What the request makes of the answer. */
export interface Expected {
  /** Sec-WebSocket-Accept. */
  readonly accept: string;
  /** The offered subprotocols, of which the upstream may select one, or none. */
  readonly subprotocols: readonly string[];
}

const NONE: readonly string[] = [];
/** Vendors write fractions too. No client reads a longer wait in a close reason. */
const WAIT_SECONDS = /^\d{1,7}(?:\.\d{1,3})?$/;

/** What gateways say of a service that is down (RFC 9110 15.6). A 500 can be one request's fault. */
const OUTAGES: ReadonlySet<number> = new Set([502, 503, 504]);

/** Undefined when the upstream has switched protocols as it should, otherwise why the dial fails. */
export function checkAnswer({ status, headers }: Answer, expected: Expected): ProxyError | undefined {
  const valuesOf = (name: string): readonly string[] => headers.get(name) ?? NONE;
  if (status !== 101) return refusalOf(status, valuesOf('retry-after')[0]);
  const [upgrade, accept] = [valuesOf('upgrade'), valuesOf('sec-websocket-accept')];
  if (upgrade.length !== 1 || upgrade[0]?.toLowerCase() !== 'websocket') return badHandshake('Upgrade');
  if (!valuesOf('connection').some(namesUpgrade)) return badHandshake('Connection');
  if (accept.length !== 1 || accept[0] !== expected.accept) return badHandshake('Sec-WebSocket-Accept');
  // None was offered (RFC 6455 4.1), so that frames pass as they are.
  if (headers.has('sec-websocket-extensions')) return badHandshake('Sec-WebSocket-Extensions');
  const [selected, ...more] = valuesOf('sec-websocket-protocol');
  if (more.length > 0 || (selected !== undefined && !expected.subprotocols.includes(selected)))
    return badHandshake('Sec-WebSocket-Protocol');
  // A 101 has no body (RFC 9112 6.3); who reads one where we read frames can be made to disagree with us.
  if (headers.has('transfer-encoding')) return badHandshake('Transfer-Encoding');
  return valuesOf('content-length').some((length) => length !== '0')
    ? badHandshake('Content-Length')
    : undefined;
}

/** The words for an upstream that says nothing within its time. */
export function noAnswerInTime(): ProxyError {
  return new ProxyError('UpstreamTimeout', 'no answer to the handshake in time', { tells: 'down' });
}

/** The words for a dial that is not wanted any more. */
export function dialCancelled(): ProxyError {
  return new ProxyError('Internal', 'dial cancelled');
}

/** An upstream that is silent for this part of its own time when somebody's patience is over is down. Timers are never quite on time. */
const MOST_OF_ITS_TIME = 0.9;

/** For a dial that begins now and may take so long: the words for its end by the signal, which may have words of its own. */
export function createStopWords(clock: Clock, timeoutMs: number, signal: StopSignal): () => ProxyError {
  const begunAtMs = clock.elapsed();
  return () => {
    const hasHadItsTime = clock.elapsed() - begunAtMs >= MOST_OF_ITS_TIME * timeoutMs;
    return hasHadItsTime && signal.reason instanceof ProxyError ? signal.reason : dialCancelled();
  };
}

/** The words for a connection that fails before there is an answer to judge. `why` is ours, or an error's code. */
export function connectionFailed(why: string): ProxyError {
  return new ProxyError('UpstreamUnavailable', `connection failed (${why})`, { tells: 'down' });
}

function badHandshake(header: string): ProxyError {
  return connectionFailed(`bad handshake: ${header}`);
}

function namesUpgrade(value: string): boolean {
  return value.split(',').some((part) => trimSpace(part).toLowerCase() === 'upgrade');
}

/** The words for an answer that is not 101. */
export function refusalOf(status: number, retryAfter: string | undefined): ProxyError {
  if (status === 401 || status === 403)
    return new ProxyError('UpstreamAuth', `the provider refused the key (${status})`, { tells: 'there' });
  const seconds = WAIT_SECONDS.test(retryAfter ?? '') ? Number(retryAfter) : 0;
  const wait = seconds > 0 ? { retryAfterMs: seconds * 1000 } : {};
  return new ProxyError('UpstreamUnavailable', `the provider answered ${status} to the upgrade`, {
    ...wait,
    tells: OUTAGES.has(status) ? 'down' : 'there',
  });
}
