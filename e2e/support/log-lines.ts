/** A logger that keeps every line, with all that was handed to it, before any redaction. */
import type { Logger } from '@voxproxy/server';

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  message: string;
  fields: object;
}

export class LogLines implements Logger {
  readonly lines: LogLine[] = [];

  /** The reason words of the sessions that were refused, in order. */
  codes(): string[] {
    const refused = this.lines.filter(({ message }) => message === 'session refused');
    return refused.map(({ fields }) => ('code' in fields ? String(fields.code) : ''));
  }

  info(fields: object, message: string): void {
    this.lines.push({ level: 'info', message, fields });
  }

  warn(fields: object, message: string): void {
    this.lines.push({ level: 'warn', message, fields });
  }

  error(fields: object, message: string): void {
    this.lines.push({ level: 'error', message, fields });
  }
}
