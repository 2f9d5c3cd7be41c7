/** The log of the server: pino, with whatever could hold a credential removed even where a caller forgot. */
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { standardOutput } from './log-output.ts';

/** What the server needs of a logger; pino's, and most others', fit. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Field names that never reach a log line, at the top and one level down. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'token',
  'authorization',
  'cookie',
  'secret',
  'apiKey',
  'ticket',
  'signature',
]);
const CENSORED = '[redacted]';

/** JSON lines on standard output, or into `destination`. */
export function createLogger(destination: DestinationStream = standardOutput()): PinoLogger {
  return pino({ name: 'voxproxy', formatters: { log: (fields) => censored(fields, 1) } }, destination);
}

type Fields = Record<string, unknown>;

/**
 * The fields, copied only if there is something to hide, down to `levels` below. Not by pino's redaction, which searches each
 * line for each of its paths and so costs more than the rest of the line.
 */
function censored(fields: object, levels: number): Fields {
  let shown = fields as Fields;
  for (const [name, value] of Object.entries(fields)) {
    const told = SECRET_FIELDS.has(name)
      ? CENSORED
      : isObject(value) && levels > 0
        ? censored(value, levels - 1)
        : value;
    if (told === value) continue;
    if (shown === fields) shown = { ...fields };
    shown[name] = told;
  }
  return shown;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Drops every line. */
export const silentLogger: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
