/** Scenarios about the answer itself: refused, redirected, held, missing, or with the wrong subprotocol. */
import type { Behaviour } from './behaviour.ts';
import { happyTurn, playTurns } from './turns.ts';
import { fillSecret } from './placeholders.ts';

export interface RefuseParameters {
  /** Default 401. */
  readonly status?: number;
  /** Seconds in a `Retry-After` header. Default 7 for 429, otherwise no header. */
  readonly retryAfterSeconds?: number;
  /** The body, with placeholders such as `{secret}`. Default the vendor's JSON, with the secret in its message. */
  readonly body?: string;
}

/** Answers with an HTTP status; the secret stands in the body and in a header. */
export function refuse({ status = 401, retryAfterSeconds, body }: RefuseParameters): Behaviour {
  const seconds = retryAfterSeconds ?? (status === 429 ? 7 : undefined);
  return {
    answer({ secret, vendor }) {
      const text = `refused for the key ${secret}`;
      const answer = vendor.errorAnswer(status, text);
      const headers = [...answer.headers, [vendor.errorHeader, text] as const];
      if (seconds !== undefined) headers.push(['Retry-After', String(seconds)]);
      return {
        kind: 'http',
        answer: { status, headers, body: body === undefined ? answer.body : fillSecret(body, secret) },
      };
    },
  };
}

export interface HtmlErrorParameters {
  /** Default 502. */
  readonly status?: number;
}

/** Answers with an error page in place of the vendor's body, as gateways before a vendor do; the secret stands in it. */
export function htmlError({ status = 502 }: HtmlErrorParameters): Behaviour {
  return {
    answer({ secret }) {
      const body = `<html><body><h1>${status}</h1><p>no answer for ${secret}</p></body></html>`;
      const headers = [['Content-Type', 'text/html; charset=utf-8']] as const;
      return { kind: 'http', answer: { status, headers, body } };
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
  /** Milliseconds until the request is answered. Default `Infinity`: only `release()` answers. */
  readonly delayMs?: number;
}

/** Answers when released, then holds a happy conversation. */
export function slowOpen({ delayMs = Infinity }: SlowOpenParameters): Behaviour {
  return { ...happyTurn({}), answer: () => ({ kind: 'hold', delayMs }) };
}

/** Accepts and selects the offered subprotocol that is the secret. */
export function selectsKey(): Behaviour {
  return { answer: ({ secret }) => ({ kind: 'accept', subprotocol: secret }), play: playTurns({}) };
}

/** Accepts without selecting a subprotocol, although some were offered. */
export function selectsNothing(): Behaviour {
  return { answer: () => ({ kind: 'accept', subprotocol: undefined }), play: playTurns({}) };
}

/** Accepts and selects a subprotocol that nobody has offered. */
export function selectsUnoffered(): Behaviour {
  return { answer: () => ({ kind: 'accept', subprotocol: 'not-offered' }), play: playTurns({}) };
}

export interface RawAnswerParameters {
  /** What is sent in place of an HTTP answer, with placeholders. Default a line that is not HTTP. */
  readonly text?: string;
}

/** Sends something that is not an answer, and ends the connection. */
export function rawAnswer({ text = 'SSH-2.0-mock {secret}\r\n' }: RawAnswerParameters): Behaviour {
  return {
    answer: ({ secret }) => ({ kind: 'bytes', bytes: Buffer.from(fillSecret(text, secret), 'utf8') }),
  };
}
