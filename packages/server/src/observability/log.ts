/** The log of the server: pino, with whatever could hold a credential removed even where a caller forgot. */
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

/** What the server needs of a logger; pino's, and most others', fit. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Field names that never reach a log line, at the top and one level down. */
const SECRET_FIELDS = ['token', 'authorization', 'cookie', 'secret', 'apiKey', 'ticket', 'signature'];

/** JSON lines on standard output, or into `destination`. */
export function createLogger(destination?: DestinationStream): PinoLogger {
  const paths = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]);
  const options = { name: 'voxproxy', redact: { paths, censor: '[redacted]' } };
  return destination ? pino(options, destination) : pino(options);
}

/** Drops every line. */
export const silentLogger: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
