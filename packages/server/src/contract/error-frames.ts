/**
 * Error frames in the shape that the clients of each provider expect. The server writes them before a close that a
 * page must be able to read; our client reads them. The words come from close-codes.ts and error-words.ts.
 */
import { CLOSE_ROWS, type CloseName } from './close-codes.ts';
import { ERROR_MESSAGES } from './error-words.ts';

/** The shape a route's clients expect: Deepgram's, OpenAI's and Azure's, the ASR's, or ours where there is no vendor. */
export type Dialect = 'deepgram' | 'openai' | 'asr' | 'plain';

/** What an error frame says, independent of its shape. */
export interface ErrorFrame {
  /** The close row's word. */
  readonly code: string;
  readonly message: string;
  /** Wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Finds the session in the operator's log. */
  readonly sessionId?: string;
}

/** Fields that any dialect may carry beside its own; clients that do not know them ignore them. */
function extras(frame: ErrorFrame): Record<string, string | number> {
  return {
    ...(frame.retryAfterMs === undefined ? {} : { retry_after: Math.ceil(frame.retryAfterMs / 1000) }),
    ...(frame.sessionId === undefined ? {} : { session_id: frame.sessionId }),
  };
}

const SHAPES: Readonly<Record<Dialect, (frame: ErrorFrame) => object>> = {
  deepgram: (frame) => ({ type: 'Error', code: frame.code, description: frame.message, ...extras(frame) }),
  openai: (frame) => ({
    type: 'error',
    error: { type: 'proxy_error', code: frame.code, message: frame.message, ...extras(frame) },
  }),
  asr: (frame) => ({ type: 'error', message: frame.message, code: frame.code, ...extras(frame) }),
  plain: (frame) => ({ type: 'error', code: frame.code, message: frame.message, ...extras(frame) }),
};

/** The text of the frame that tells a client why it will be closed. */
export function toErrorFrame(dialect: Dialect, frame: ErrorFrame): string {
  return JSON.stringify(SHAPES[dialect](frame));
}

/** What a close row says to people, as an error frame. */
export function errorFrameOf(name: CloseName, more: Omit<ErrorFrame, 'code' | 'message'> = {}): ErrorFrame {
  return { code: CLOSE_ROWS[name].word, message: ERROR_MESSAGES[name], ...more };
}

/** Reads an error frame of any dialect; undefined for every other message, also for text that is not JSON. */
export function readErrorFrame(text: string): ErrorFrame | undefined {
  const message = parseObject(text);
  if (!message || (message['type'] !== 'Error' && message['type'] !== 'error')) return undefined;
  const body = isObject(message['error']) ? message['error'] : message;
  const code = stringOf(body['code']) ?? 'upstream_error';
  const retryAfter = body['retry_after'];
  const sessionId = stringOf(body['session_id']);
  return {
    code,
    message: stringOf(body['message']) ?? stringOf(body['description']) ?? code,
    ...(typeof retryAfter === 'number' ? { retryAfterMs: retryAfter * 1000 } : {}),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const stringOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
