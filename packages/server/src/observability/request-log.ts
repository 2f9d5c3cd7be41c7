/** The line that an HTTP request leaves in the log: fixed words, ids and numbers; no body, header, query or token. */
import { errorFacts } from './error-facts.ts';
import type { Logger } from './log.ts';

export interface RequestFacts {
  readonly id: string;
  readonly method: string;
  readonly route: string;
  /** Absent when nobody was admitted. */
  readonly principal?: string | undefined;
  readonly address: string;
  readonly status: number;
  readonly ms: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Why it was not answered as asked. */
  readonly why?: string | undefined;
  /** What the route adds, such as tokens used. */
  readonly usage?: Readonly<Record<string, number | string>> | undefined;
}

export interface RequestLog {
  answered(facts: RequestFacts): void;
  failed(id: string, error: unknown): void;
}

const SERVER_FAULT = 500;

export function createRequestLog(logger: Logger): RequestLog {
  return {
    // An operator looks at warnings, and cannot help it when a client asks for the wrong thing.
    answered: ({ id, usage, ...facts }) =>
      logger[facts.status >= SERVER_FAULT ? 'warn' : 'info'](
        { requestId: id, ...facts, ...usage },
        'request answered',
      ),
    failed: (id, error) => logger.error({ requestId: id, err: errorFacts(error) }, 'unexpected failure'),
  };
}
