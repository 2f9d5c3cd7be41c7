/** Why an HTTP request is not answered as asked, and what its body then says. Fixed words only; `why` is for the log. */
import { CLOSE_ROWS, ERROR_MESSAGES, type CloseName } from '../contract/index.ts';
import { ProxyError } from '../errors.ts';

export interface Fault {
  readonly status: number;
  /** For programs. */
  readonly error: string;
  /** For people. */
  readonly message: string;
  /** More fields of the body. */
  readonly more?: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly why: string;
}

/** How the clients of a route expect a fault. `id` is the request's, for those whose vendor tells one. */
export type FaultShape = (fault: Fault, id?: string) => object;

/** Carries a fault to where it is answered. */
export class HttpFault extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.why);
    this.name = 'HttpFault';
    this.fault = fault;
  }
}

/** A fault in the words of a close row. */
export function rowFault(name: CloseName, why: string, retryAfterMs?: number): Fault {
  const { word, httpStatus } = CLOSE_ROWS[name];
  const message = name === 'Internal' ? INTERNAL_MESSAGE : ERROR_MESSAGES[name];
  const headers = name === 'UpstreamAuth' ? NO_RETRY : undefined;
  return { status: httpStatus === 0 ? 500 : httpStatus, error: word, message, headers, retryAfterMs, why };
}

/** OpenAI's and Anthropic's SDKs try again after any 5xx, unless they are told that it helps nobody. */
const NO_RETRY = { 'X-Should-Retry': 'false' };

const INTERNAL_MESSAGE = 'The server failed. The request id finds the cause in its log.';

/** What anything thrown is told as; nothing of an unknown error's text gets out. */
export function toFault(error: unknown): Fault {
  if (error instanceof HttpFault) return error.fault;
  if (error instanceof ProxyError) return rowFault(error.closeName, error.message, error.retryAfterMs);
  return rowFault('Internal', 'bug');
}

/** In whole seconds, as `Retry-After` has it (RFC 9110 10.2.3), and never too few. */
export function retryAfterOf({ retryAfterMs }: Fault): number | undefined {
  return retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(retryAfterMs / 1000));
}

/** `{error, message, ...}`, which most clients expect. */
export const plainShape: FaultShape = (fault) => ({
  error: fault.error,
  message: fault.message,
  ...fault.more,
  ...retryField(fault),
});

/** `{detail}`, which clients of transcription services expect. */
export const detailShape: FaultShape = (fault) => ({ detail: fault.message, ...retryField(fault) });

function retryField(fault: Fault): object {
  const retryAfter = retryAfterOf(fault);
  return retryAfter === undefined ? {} : { retry_after: retryAfter };
}

export const badRequest = (message: string): HttpFault =>
  new HttpFault({ status: 400, error: 'Invalid request', message, why: message });

export function tooLarge(maxBytes: number): HttpFault {
  const message = `The body is larger than ${maxBytes} bytes.`;
  return new HttpFault({ ...rowFault('TooLarge', 'body too large'), message });
}

export function unsupportedType(expected: string): HttpFault {
  const message = `The body must be ${expected}, without a content encoding.`;
  return new HttpFault({ status: 415, error: 'unsupported_media_type', message, why: 'content type' });
}

export const bodyTooSlow = (): HttpFault =>
  new HttpFault({
    status: 408,
    error: 'request_timeout',
    message: 'The body did not arrive in time.',
    why: 'body too slow',
  });

/** Something in front of the proxy has taken the body, and left nothing that could be used. */
export const bodyReadBefore = (): HttpFault =>
  new HttpFault(rowFault('Internal', 'the body was read by something before'));

export const clientLeft = (): HttpFault =>
  new HttpFault({ status: 499, error: 'client_left', message: 'The client left.', why: 'client left' });

export const clientStalled = (): HttpFault =>
  new HttpFault({ ...clientLeft().fault, why: 'the client does not read' });
