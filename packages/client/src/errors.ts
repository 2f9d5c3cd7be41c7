/** The errors of the client's public objects, told apart by class and by a stable `code`; which one applies is decided elsewhere. */

export interface VoxErrorDetails {
  /** Default false. */
  retryable?: boolean;
  retryAfterMs?: number | undefined;
  closeCode?: number | undefined;
  sessionId?: string | undefined;
  status?: number | undefined;
  cause?: unknown;
}

/** Base of all errors of the client. None contains a token or a URL with its query. */
export class VoxError extends Error {
  override readonly name: string = 'VoxError';
  /** Stable and meant for programs: a close word of the contract, or one of the client's own words. */
  readonly code: string;
  /** Whether the same call may succeed later without any change by the application. */
  readonly retryable: boolean = false;
  /** Wait that the server asked for, in milliseconds. */
  declare readonly retryAfterMs?: number | undefined;
  /** Status code of the close frame (RFC 6455 7.4), when there was a close. */
  declare readonly closeCode?: number | undefined;
  /** Finds the session in the operator's log. */
  declare readonly sessionId?: string | undefined;
  /** The HTTP status of the same refusal. */
  declare readonly status?: number | undefined;

  constructor(code: string, message: string, { cause, ...rest }: VoxErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    Object.assign(this, rest);
  }
}

/** The credential was refused, or there was none to be had. */
export class AuthError extends VoxError {
  override readonly name = 'AuthError';
}

/** The credential is good but does not permit this; another one may. */
export class ForbiddenError extends VoxError {
  override readonly name = 'ForbiddenError';
}

/** A rate, concurrency or budget limit; `retryAfterMs` says when to come back, if the server said so. */
export class RateLimitError extends VoxError {
  override readonly name = 'RateLimitError';
}

/** The server cannot make sense of the request. */
export class BadRequestError extends VoxError {
  override readonly name = 'BadRequestError';
}

/** A frame was larger than the server accepts. */
export class PayloadTooLargeError extends VoxError {
  override readonly name = 'PayloadTooLargeError';
}

/** Nothing came in time: `connect_timeout`, `gave_up`, or a time limit of the server. */
export class TimeoutError extends VoxError {
  override readonly name = 'TimeoutError';
}

/** The socket could not be opened, was lost, or is not there to be sent on. */
export class ConnectionError extends VoxError {
  override readonly name = 'ConnectionError';
}

/** One end broke the protocol, or does not accept this kind of frame. */
export class ProtocolError extends VoxError {
  override readonly name = 'ProtocolError';
}

/** The server failed or is restarting. */
export class ServerError extends VoxError {
  override readonly name = 'ServerError';
}

/** The provider behind the server failed, refused or is gone. */
export class UpstreamError extends VoxError {
  override readonly name = 'UpstreamError';
}
