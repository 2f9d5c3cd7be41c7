/** Turns the end of a socket into the error that the application sees; pure. */
import { CLOSE_ROWS } from '../contract.ts';
import {
  AuthError,
  BadRequestError,
  ConnectionError,
  ForbiddenError,
  PayloadTooLargeError,
  ProtocolError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UpstreamError,
  type VoxError,
  type VoxErrorDetails,
} from '../errors.ts';
import { isUnopened, readClose, type CloseReading, type SocketClose } from './socket-close.ts';

type ErrorClass = new (code: string, message: string, details: VoxErrorDetails) => VoxError;

const BY_STATUS: Readonly<Record<number, ErrorClass>> = {
  400: BadRequestError,
  401: AuthError,
  403: ForbiddenError,
  404: BadRequestError,
  408: TimeoutError,
  409: ConnectionError,
  413: PayloadTooLargeError,
  429: RateLimitError,
};

/** First of the range that applications and vendors may use (RFC 6455 7.4.2); there vendors repeat the HTTP status. */
const PRIVATE_CODES = 4000;

/** The message is the server's own when an error frame came right before the close. */
export function toCloseError(close: SocketClose): VoxError {
  const { code: closeCode, timeoutMs, frame, cause } = close;
  if (timeoutMs !== undefined) {
    return new TimeoutError('connect_timeout', `No connection within ${timeoutMs} ms.`, { retryable: true });
  }
  const reading = readClose(close);
  const { row, retry, retryAfterMs } = reading;
  const status = statusOf(close, reading);
  const code = row?.word ?? frame?.code ?? (isUnopened(close) ? 'not_opened' : `closed_${closeCode}`);
  return new (classOf(close, reading, status))(code, frame?.message ?? messageOf(close, code), {
    retryable: retry === 'back-off' || retry === 'after-wait',
    closeCode,
    status: status >= 400 ? status : undefined,
    retryAfterMs,
    sessionId: frame?.sessionId,
    cause,
  });
}

/** The HTTP status of the row, for a foreign close of the first row with its number; 0 where there is none. */
function statusOf({ code }: SocketClose, { row }: CloseReading): number {
  if (code >= PRIVATE_CODES && !row) return code - PRIVATE_CODES;
  return (row ?? Object.values(CLOSE_ROWS).find((known) => known.code === code))?.httpStatus ?? 0;
}

function classOf({ code }: SocketClose, { row, retry }: CloseReading, status: number): ErrorClass {
  if (row?.word.startsWith('upstream')) return UpstreamError;
  if (code === CLOSE_ROWS.ProtocolError.code) return ProtocolError;
  const known = BY_STATUS[status];
  if (known) return known;
  if (status >= 500) return ServerError;
  return retry === 'never' ? ProtocolError : ConnectionError;
}

function messageOf(close: SocketClose, code: string): string {
  if (isUnopened(close)) return 'The connection could not be opened.';
  return close.wasClean ? `The server closed the connection: ${code}.` : 'The connection was lost.';
}
