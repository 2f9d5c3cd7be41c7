import { describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';
import { createRequestLog, type RequestFacts } from './request-log.ts';

const facts: RequestFacts = {
  ...{ id: 'r-1', method: 'POST', route: '/api/query', principal: 'alice', address: '192.0.2.1' },
  ...{ status: 200, ms: 12, bytesIn: 300, bytesOut: 500 },
};

function lineOf(act: (log: ReturnType<typeof createRequestLog>) => void): Record<string, unknown> {
  const lines: string[] = [];
  act(createRequestLog(createLogger({ write: (line: string) => void lines.push(line) })));
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '{}') as Record<string, unknown>;
}

describe('the line of a request', () => {
  it('has its id, who asked, what came of it and what was used', () => {
    const { id, ...rest } = facts;
    const line = lineOf((log) => log.answered({ ...facts, usage: { inputTokens: 7 } }));
    expect(line).toMatchObject({
      level: 30,
      msg: 'request answered',
      requestId: id,
      ...rest,
      inputTokens: 7,
    });
  });

  it.each([
    [200, 30],
    [429, 30],
    [499, 30],
    [500, 40],
    [502, 40],
  ])('with status %i has level %i', (status, level) => {
    expect(lineOf((log) => log.answered({ ...facts, status, why: 'why' }))).toMatchObject({
      level,
      why: 'why',
    });
  });

  it('of a failure has no text of the error', () => {
    const line = lineOf((log) => log.failed('r-2', new TypeError('private')));
    expect(line).toMatchObject({ level: 50, requestId: 'r-2', err: { name: 'TypeError' } });
    expect(JSON.stringify(line)).not.toContain('private');
  });
});
