/** The lines a session leaves in the log: one at its start, one at its end, or one that says why there was none. */
import type { CloseName } from '../contract/index.ts';
import { CLOSE_ROWS } from '../contract/index.ts';
import { errorFacts } from './error-facts.ts';
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

/** A message that a policy kept back. No part of it but a type and a path that the policy itself names. */
export interface MessageFacts {
  readonly id: string;
  readonly type?: string | undefined;
  readonly path?: string | undefined;
  readonly why: string;
}

export interface SessionLog {
  started(facts: StartFacts): void;
  ended(facts: EndFacts): void;
  refused(facts: SessionFacts & { readonly name: CloseName; readonly why: string }): void;
  /** Session mode: its client has vanished and may come back. */
  held(id: string): void;
  resumed(id: string): void;
  left(facts: SessionFacts): void;
  messageRefused(facts: MessageFacts): void;
  messageWithheld(facts: MessageFacts): void;
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
    messageRefused: ({ id, ...rest }) => logger.warn({ sessionId: id, ...rest }, 'message refused'),
    messageWithheld: ({ id, ...rest }) => logger.warn({ sessionId: id, ...rest }, 'message withheld'),
    failed: (id, error) => logger.error({ sessionId: id, err: errorFacts(error) }, 'unexpected failure'),
  };
}
