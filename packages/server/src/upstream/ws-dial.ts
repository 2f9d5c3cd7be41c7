/** Opens the upstream leg by way of the `ws` package, for legs that pass messages. No redirects, no compression. */
import type { Clock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import { LegSocket } from '../leg/leg-socket.ts';
import { createWsLeg } from '../leg/ws-leg.ts';
import {
  connectionFailed,
  createStopWords,
  dialCancelled,
  noAnswerInTime,
  refusalOf,
} from './answer-check.ts';
import type { Connector } from './connector.ts';
import { type Dial, toHandshake } from './dial.ts';
import type { Route } from './route.ts';
import type { Target } from './target.ts';

/** @returns a function that rejects with a ProxyError, also when the signal aborts; the socket is then gone. */
export function createWsDial(clock: Clock, connector: Connector): Dial {
  return (route, target, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(dialCancelled());
        return;
      }
      const socket = openSocket(connector, route, target);
      const toStopWords = createStopWords(clock, route.preset.limits.handshakeMs, signal);
      const settle = (): void => {
        cancelTimer();
        signal.removeEventListener('abort', onAbort);
      };
      const fail = (error: ProxyError): void => {
        settle();
        socket.terminate();
        reject(error);
      };
      const onAbort = (): void => fail(toStopWords());
      const onTimeout = (): void => fail(noAnswerInTime());
      // Only the error's code is kept: its text can hold the URL, the host or what the upstream sent.
      const onError = (error: Error & { code?: string }): void =>
        fail(error instanceof ProxyError ? error : connectionFailed(error.code ?? 'bad handshake'));
      const cancelTimer = clock.after(route.preset.limits.handshakeMs, onTimeout);
      signal.addEventListener('abort', onAbort);
      socket.on('error', onError);
      socket.on('unexpected-response', (_, response) =>
        fail(refusalOf(response.statusCode ?? 0, response.headers['retry-after'])),
      );
      socket.on('open', () => {
        settle();
        resolve(createWsLeg(socket));
        // From here on the leg answers for the socket's errors.
        socket.off('error', onError);
      });
    });
}

function openSocket(connector: Connector, route: Route, target: Target): LegSocket {
  const { url, subprotocols, headers } = toHandshake(route, target);
  return new LegSocket(url, [...subprotocols], {
    headers,
    createConnection: () => connector.connect(new URL(url)),
    maxPayload: route.preset.limits.maxMessageBytes,
    perMessageDeflate: false,
    // Pings pass from end to end.
    autoPong: false,
    followRedirects: false,
    skipUTF8Validation: false,
  });
}
