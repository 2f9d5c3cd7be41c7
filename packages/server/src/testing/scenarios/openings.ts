/** Scenarios about the upgrade itself: refused, redirected, held, unanswered, or answered with the wrong subprotocol. */
import { vendorError } from '../http-answers.ts';
import type { Behaviour } from './behaviour.ts';
import { playTurns } from './turns.ts';
import { fillSecret } from './placeholders.ts';

export interface RefuseParameters {
  /** Default 401. */
  readonly status?: number;
  /** Seconds in a `Retry-After` header. Default 7 for 429, otherwise no header. */
  readonly retryAfterSeconds?: number;
  /** The body, with placeholders such as `{secret}`. Default the vendor's JSON, with the secret in its message. */
  readonly body?: string;
}

const VENDOR_CODES: Readonly<Record<number, string>> = {
  401: 'INVALID_AUTH',
  403: 'INSUFFICIENT_PERMISSIONS',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
};

/** Answers with an HTTP status; the secret stands in the body and in the `dg-error` header. */
export function refuse({ status = 401, retryAfterSeconds, body }: RefuseParameters): Behaviour {
  const seconds = retryAfterSeconds ?? (status === 429 ? 7 : undefined);
  return {
    answer({ secret }) {
      const text = `refused for the key ${secret}`;
      const answer = vendorError(status, VENDOR_CODES[status] ?? 'INTERNAL_SERVER_ERROR', text);
      const headers = [...answer.headers, ['dg-error', text] as const];
      if (seconds !== undefined) headers.push(['Retry-After', String(seconds)]);
      return {
        kind: 'http',
        answer: { status, headers, body: body === undefined ? answer.body : fillSecret(body, secret) },
      };
    },
  };
}

export interface RedirectParameters {
  /** Where to, with placeholders. Default a path of the mock itself with the secret, encoded, in its query: following it counts as a dial and is a violation. */
  readonly location?: string;
  /** Default 302. */
  readonly status?: number;
}

export function redirect({
  location = '/elsewhere?key={secret:percent}',
  status = 302,
}: RedirectParameters): Behaviour {
  return {
    answer({ secret }) {
      const headers = [['Location', fillSecret(location, secret)]] as const;
      return { kind: 'http', answer: { status, headers, body: '' } };
    },
  };
}

/** Takes the request and never answers. */
export function silent(): Behaviour {
  return { answer: () => ({ kind: 'silence' }) };
}

export interface SlowOpenParameters {
  /** Milliseconds until the upgrade is answered. Default `Infinity`: only `release()` answers. */
  readonly delayMs?: number;
}

/** Answers when released, then holds a happy conversation. */
export function slowOpen({ delayMs = Infinity }: SlowOpenParameters): Behaviour {
  return { answer: () => ({ kind: 'hold', delayMs }), play: playTurns({}) };
}

/** Accepts and selects the offered subprotocol that is the secret. */
export function selectsKey(): Behaviour {
  return { answer: ({ secret }) => ({ kind: 'accept', subprotocol: secret }), play: playTurns({}) };
}

/** Accepts without selecting a subprotocol, although some were offered. */
export function selectsNothing(): Behaviour {
  return { answer: () => ({ kind: 'accept', subprotocol: undefined }), play: playTurns({}) };
}

export interface RawAnswerParameters {
  /** What is sent in place of an HTTP answer, with placeholders. Default a line that is not HTTP. */
  readonly text?: string;
}

/** Sends something that is not an answer to an upgrade, and ends the connection. */
export function rawAnswer({ text = 'SSH-2.0-mock {secret}\r\n' }: RawAnswerParameters): Behaviour {
  return {
    answer: ({ secret }) => ({ kind: 'bytes', bytes: Buffer.from(fillSecret(text, secret), 'utf8') }),
  };
}
