import { describe, expect, it } from 'vitest';
import { createLogger, silentLogger } from './log.ts';

/** What a logger writes when it is given these fields. */
function lineOf(fields: object): string {
  const lines: string[] = [];
  createLogger({ write: (line: string) => void lines.push(line) }).info(fields, 'a message');
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

const names = ['token', 'authorization', 'cookie', 'secret', 'apiKey', 'ticket', 'signature'];

describe('createLogger', () => {
  it.each(names)('removes a field named %s, at the top and one level down', (name) => {
    const line = lineOf({ [name]: 'hidden-value', headers: { [name]: 'hidden-value' }, other: 'shown' });
    expect(line).not.toContain('hidden-value');
    expect(JSON.parse(line)).toMatchObject({
      [name]: '[redacted]',
      headers: { [name]: '[redacted]' },
      other: 'shown',
    });
  });

  it('removes what stands in it, whatever it is', () => {
    expect(lineOf({ token: { deep: ['hidden-value'] } })).not.toContain('hidden-value');
  });

  it('leaves what it was given as it is', () => {
    const fields = {
      token: 'hidden-value',
      headers: { cookie: 'hidden-value' },
      list: ['shown'],
      none: null,
    };
    expect(JSON.parse(lineOf(fields))).toMatchObject({ list: ['shown'], none: null });
    expect(fields).toMatchObject({ token: 'hidden-value', headers: { cookie: 'hidden-value' } });
  });

  it('writes one line for each message, whatever it holds', () => {
    const line = lineOf({ origin: 'a\nb\u001b[31m', name: 'x\r\n{"level":60}' });
    expect(line.trimEnd().split(/[\r\n]/)).toHaveLength(1);
    expect(line).not.toContain('\u001b');
    expect(JSON.parse(line)).toMatchObject({ origin: 'a\nb\u001b[31m', msg: 'a message' });
  });
});

describe('silentLogger', () => {
  it('takes every line and returns nothing', () => {
    expect([silentLogger.info({}, ''), silentLogger.warn({}, ''), silentLogger.error({}, '')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
