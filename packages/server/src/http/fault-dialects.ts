/** Faults in the shapes of providers' own errors, so that their SDKs show the cause. */
import type { FaultDialect } from '../upstream/http-api.ts';
import { plainShape, retryAfterOf, type Fault, type FaultShape } from './fault.ts';

/** Anthropic's words, by status. */
const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
};

/** By the first digit of the status. */
const OPENAI_TYPES: Readonly<Record<string, string>> = { 4: 'invalid_request_error', 5: 'server_error' };

function waitOf(fault: Fault): object {
  const wait = retryAfterOf(fault);
  return wait === undefined ? {} : { retry_after: wait };
}

export const FAULT_SHAPES: Readonly<Record<FaultDialect, FaultShape>> = {
  anthropic: (fault, id) => ({
    type: 'error',
    error: { type: ANTHROPIC_TYPES[fault.status] ?? 'api_error', message: fault.message, ...waitOf(fault) },
    request_id: id ?? null,
  }),
  openai: (fault) => ({
    error: {
      message: fault.message,
      type: OPENAI_TYPES[String(fault.status).charAt(0)] ?? 'server_error',
      code: fault.error,
      param: null,
      ...waitOf(fault),
    },
  }),
  deepgram: (fault, id) => ({
    err_code: fault.error.toUpperCase().replaceAll(' ', '_'),
    err_msg: fault.message,
    request_id: id ?? '',
    ...waitOf(fault),
  }),
  elevenlabs: (fault) => ({ detail: { status: fault.error, message: fault.message, ...waitOf(fault) } }),
  plain: plainShape,
};
