/** A logger that keeps every line, with all that was handed to it, before any redaction. */
import type { Logger } from '@voxproxy/server';

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  message: string;
  fields: object;
}

export class LogLines implements Logger {
  readonly lines: LogLine[] = [];

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
