/** The end of one socket as an attempt reports it, and how it reads in the words of the contract; pure. */
import {
  ABNORMAL_CLOSURE,
  CLOSE_ROWS,
  NORMAL_CLOSURE,
  NO_STATUS,
  closeRowOf,
  foreignRetryOf,
  readCloseReason,
  type CloseRow,
  type ErrorFrame,
  type RetryClass,
} from '../contract.ts';

export interface SocketClose {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** Whether the socket was open before. */
  readonly hasOpened: boolean;
  /** Whether a frame other than a final error frame had come; without one the server may never have taken ours. */
  readonly hasSpoken: boolean;
  /** Set when the socket did not open in time. */
  readonly timeoutMs?: number | undefined;
  /** The error frame right before the close. */
  readonly frame?: ErrorFrame | undefined;
  /** What the platform knows about a failure; browsers tell nothing. */
  readonly cause?: unknown;
}

/** What a close means: the row of our own word, the retry class, the wait it states. */
export interface CloseReading {
  readonly row: CloseRow | undefined;
  readonly retry: RetryClass;
  readonly retryAfterMs: number | undefined;
  readonly isClean: boolean;
}

/** The word decides; where the reason was lost on the way, the word of the error frame does if it fits the number. */
export function readClose({ code, reason, frame }: SocketClose): CloseReading {
  const stated = readCloseReason(reason);
  const told = closeRowOf(frame?.code ?? '');
  const row = closeRowOf(stated.word) ?? (told?.code === code ? told : undefined);
  const retry = row?.retry ?? foreignRetryOf(code);
  return {
    row,
    retry,
    retryAfterMs: frame?.retryAfterMs ?? stated.retryAfterMs,
    isClean: retry === 'never' && (code === NORMAL_CLOSURE || code === NO_STATUS),
  };
}

/** True when a socket died before it opened: all that a browser says about a refused handshake (RFC 6455 7.1.5). */
export function isUnopened(close: SocketClose): boolean {
  return close.code === ABNORMAL_CLOSURE && !close.hasOpened && close.timeoutMs === undefined;
}

export const isServerFault = (close: SocketClose): boolean => close.code === CLOSE_ROWS.Internal.code;
export const isRestart = (close: SocketClose): boolean => close.code === CLOSE_ROWS.Draining.code;
