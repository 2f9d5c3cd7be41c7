/** The lines a session leaves in the log: one at its start, one at its end, or one that says why there was none. */
import type { CloseName } from '../contract/index.ts';
import { CLOSE_ROWS } from '../contract/index.ts';
import type { Logger } from './log.ts';

/** Only fixed words, ids and numbers; no URL, header, token or frame. */
export interface SessionFacts {
  readonly id: string;
  readonly route: string;
}

export interface StartFacts extends SessionFacts {
  readonly service: string;
  readonly principal: string;
}

export interface EndFacts {
  readonly id: string;
  readonly cause: string;
  readonly code: number;
  readonly why?: string;
  readonly durationMs: number;
  readonly up: { readonly frames: number; readonly bytes: number };
  readonly down: { readonly frames: number; readonly bytes: number };
  /** What the messages told of the usage, where they are read for it. */
  readonly used?: Readonly<Record<string, number>>;
}

export interface SessionLog {
  started(facts: StartFacts): void;
  ended(facts: EndFacts): void;
  refused(facts: SessionFacts & { readonly name: CloseName; readonly why: string }): void;
  /** Session mode: its client has vanished and may come back. */
  held(id: string): void;
  resumed(id: string): void;
  left(facts: SessionFacts): void;
  failed(id: string, error: unknown): void;
}

export function createSessionLog(logger: Logger): SessionLog {
  return {
    started: ({ id, ...rest }) => logger.info({ sessionId: id, ...rest }, 'session started'),
    // A reason for the log is there only when something failed, and an operator looks at warnings.
    ended: ({ id, ...rest }) =>
      logger[rest.why === undefined ? 'info' : 'warn']({ sessionId: id, ...rest }, 'session ended'),
    refused: ({ id, route, name, why }) =>
      logger.warn({ sessionId: id, route, code: CLOSE_ROWS[name].word, why }, 'session refused'),
    held: (id) => logger.info({ sessionId: id }, 'session held for its client'),
    resumed: (id) => logger.info({ sessionId: id }, 'session resumed'),
    left: ({ id, route }) => logger.info({ sessionId: id, route }, 'client left before its session opened'),
    failed: (id, error) => logger.error({ sessionId: id, err: toFacts(error) }, 'unexpected failure'),
  };
}

/** Name and stack frames only: an exception's text can hold a URL, a token or what an upstream sent. */
function toFacts(error: unknown): { name: string; at: string[] } {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  const stack = error.stack ?? '';
  // The stack repeats the text, which may itself look like frames; a text changed since cannot be told from them.
  const end = stack.indexOf(error.message) + error.message.length;
  const told = stack.includes(error.message) ? stack.slice(end) : '';
  const frames = told.split('\n').filter((line) => /^\s+at /.test(line));
  return { name: error.name, at: frames.slice(0, 8).map((line) => line.trim()) };
}
