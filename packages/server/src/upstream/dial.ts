/** Opens the upstream leg: one try, a time limit, no redirects, no compression. Says in fixed words why it failed. */
import { fillSlot } from '../contract/index.ts';
import type { Clock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import type { Leg } from '../leg/leg.ts';
import { LegSocket } from '../leg/leg-socket.ts';
import { createWsLeg } from '../leg/ws-leg.ts';
import type { Preset } from './preset.ts';
import type { Route } from './route.ts';
import type { Target } from './target.ts';

export type Dial = (route: Route, target: Target, signal: AbortSignal) => Promise<Leg>;

/** @returns a function that rejects with a ProxyError, also when the signal aborts; the socket is then gone. */
export function createDial(clock: Clock): Dial {
  return (route, target, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new ProxyError('Internal', 'dial cancelled'));
        return;
      }
      const socket = openSocket(route, target);
      const settle = (): void => {
        cancelTimer();
        signal.removeEventListener('abort', onAbort);
      };
      const fail = (error: ProxyError): void => {
        settle();
        socket.terminate();
        reject(error);
      };
      const onAbort = (): void => fail(new ProxyError('Internal', 'dial cancelled'));
      const onTimeout = (): void =>
        fail(new ProxyError('UpstreamTimeout', 'no answer to the handshake in time'));
      const onError = (error: Error): void => fail(toProxyError(error));
      const cancelTimer = clock.after(route.preset.limits.handshakeMs, onTimeout);
      signal.addEventListener('abort', onAbort);
      socket.on('error', onError);
      socket.on('unexpected-response', (_, response) =>
        fail(refusalOf(response.statusCode, response.headers)),
      );
      socket.on('open', () => {
        settle();
        resolve(createWsLeg(socket));
        // From here on the leg answers for the socket's errors.
        socket.off('error', onError);
      });
    });
}

function openSocket({ preset, secret }: Route, target: Target): LegSocket {
  const auth = toHandshake(preset, secret.reveal());
  return new LegSocket(target.url, auth.subprotocols, {
    headers: auth.headers,
    maxPayload: preset.limits.maxMessageBytes,
    perMessageDeflate: false,
    followRedirects: false,
    skipUTF8Validation: false,
  });
}

/** The real key in the preset's slot. */
function toHandshake(
  { upstreamAuth }: Preset,
  key: string,
): { subprotocols: string[]; headers: Record<string, string> } {
  if (upstreamAuth.in === 'subprotocol') {
    return { subprotocols: upstreamAuth.values.map((value) => fillSlot(value, key)), headers: {} };
  }
  return { subprotocols: [], headers: { [upstreamAuth.name]: fillSlot(upstreamAuth.format, key) } };
}

/** Only the error's code is kept: its text can hold the URL, the host or what the upstream sent. */
function toProxyError(error: Error & { code?: string }): ProxyError {
  return new ProxyError('UpstreamUnavailable', `connection failed (${error.code ?? 'bad handshake'})`);
}

/** No client reads a longer one in a close reason. */
const LONGEST_WAIT_SECONDS = 9_999_999;

function refusalOf(status = 0, headers: Readonly<Record<string, string | string[] | undefined>>): ProxyError {
  if (status === 401 || status === 403)
    return new ProxyError('UpstreamAuth', `the provider refused the key (${status})`);
  const seconds = Number(headers['retry-after']);
  const wait = seconds > 0 && seconds <= LONGEST_WAIT_SECONDS ? { retryAfterMs: seconds * 1000 } : {};
  return new ProxyError('UpstreamUnavailable', `the provider answered ${status} to the upgrade`, wait);
}
