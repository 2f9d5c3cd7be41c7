/** A logger that keeps every line, with all that was handed to it, before any redaction. */
import type { Logger } from '@voxproxy/server';

export interface LogLine {
  level: 'info' | 'warn' | 'error';
  message: string;
  fields: object;
}

export class LogLines implements Logger {
  readonly lines: LogLine[] = [];

  /** The reason words of the sessions that were refused or failed before they opened, in order. */
  codes(): string[] {
    const failed = this.lines.filter(
      ({ level, message }) => level === 'warn' && message.startsWith('session '),
    );
    return failed.map(({ fields }) => String(Reflect.get(fields, 'cause') ?? Reflect.get(fields, 'code')));
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
