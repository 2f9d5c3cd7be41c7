/** The lines that a route's keys leave in the log: which was refused, that they were replaced, that they cannot be loaded. Never a part of one. */
import type { Logger } from './log.ts';

export interface RefusedKeyFacts {
  readonly option: string;
  readonly key: string;
  readonly isNew: boolean;
}

export interface LoadFacts {
  readonly option: string;
  readonly why: string;
  readonly ageMs: number | undefined;
}

export interface KeyLog {
  refused(facts: RefusedKeyFacts): void;
  replaced(facts: { readonly option: string; readonly keys: number }): void;
  loadFailed(facts: LoadFacts): void;
}

export function createKeyLog(logger: Logger): KeyLog {
  return {
    refused: ({ option, key, isNew }) =>
      isNew
        ? logger.error({ option, place: key }, 'the provider refused the new key; the one before it is tried')
        : logger.warn({ option, place: key }, 'the provider refused a key'),
    replaced: (facts) => logger.info(facts, 'keys were replaced'),
    loadFailed: ({ option, why, ageMs }) =>
      ageMs === undefined
        ? logger.error({ option, why }, 'no key could be loaded')
        : logger.warn({ option, why, ageMs }, 'keys could not be loaded; the last ones stay in use'),
  };
}
