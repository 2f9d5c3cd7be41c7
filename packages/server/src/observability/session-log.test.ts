import { describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';
import { createSessionLog, type SessionLog } from './session-log.ts';

/** A session log and the lines that it has written through the real logger. */
function logged(): { log: SessionLog; lines: string[]; last(): Record<string, unknown> } {
  const lines: string[] = [];
  const log = createSessionLog(createLogger({ write: (line: string) => void lines.push(line) }));
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

const PRIVATE = 'wss://up.test/?key=private-text';

describe('the lines of a session', () => {
  it('are one at its start and one at its end, found by its id', () => {
    const { log, lines, last } = logged();
    log.started({ id: 's-1', route: '/p', service: 'agent', principal: 'alice' });
    expect(last()).toMatchObject({
      level: 30,
      msg: 'session started',
      sessionId: 's-1',
      route: '/p',
      service: 'agent',
      principal: 'alice',
    });
    const traffic = { frames: 1, bytes: 2 };
    log.ended({ id: 's-1', cause: 'client', code: 1005, durationMs: 3, up: traffic, down: traffic });
    expect(last()).toMatchObject({
      msg: 'session ended',
      sessionId: 's-1',
      cause: 'client',
      durationMs: 3,
      up: traffic,
    });
    expect(lines).toHaveLength(2);
  });

  it('are one warning for a refusal, with its word, and one line for a client that left', () => {
    const { log, lines, last } = logged();
    log.refused({ id: 's-2', route: '/p', name: 'AuthExpired', why: 'exp has passed' });
    expect(last()).toMatchObject({
      level: 40,
      sessionId: 's-2',
      code: 'auth_expired',
      why: 'exp has passed',
    });
    log.left({ id: 's-3', route: '/p' });
    expect(last()).toMatchObject({ level: 30, sessionId: 's-3' });
    expect(lines).toHaveLength(2);
  });
});

describe('a session in session mode', () => {
  it('leaves one line when it is held and one when it goes on, found by its id', () => {
    const { log, lines, last } = logged();
    log.held('s-4');
    expect(last()).toMatchObject({ level: 30, sessionId: 's-4', msg: 'session held for its client' });
    log.resumed('s-4');
    expect(last()).toMatchObject({ level: 30, sessionId: 's-4', msg: 'session resumed' });
    expect(lines).toHaveLength(2);
  });
});

describe('an unexpected failure', () => {
  const changed = new Error(PRIVATE);
  changed.message = 'something else';
  const named = new TypeError(PRIVATE);
  const framed = new Error(`first\n    at ${PRIVATE} (file.js:1:2)\n    at private-text`);
  const odd = Object.assign(new Error('x'), { stack: undefined });

  it.each([
    { title: 'an error', error: new Error(PRIVATE) },
    { title: 'an error of another class', error: named },
    { title: 'an error whose text looks like a stack', error: framed },
    { title: 'an error whose text was changed', error: changed },
    { title: 'an error with a cause', error: new Error('x', { cause: new Error(PRIVATE) }) },
    { title: 'an error with fields', error: Object.assign(new Error('x'), { url: PRIVATE, token: PRIVATE }) },
    { title: 'an error of several', error: new AggregateError([new Error(PRIVATE)], PRIVATE) },
    { title: 'an error without a stack', error: odd },
    { title: 'a text', error: PRIVATE },
    { title: 'an object', error: { message: PRIVATE, stack: `x\n    at ${PRIVATE}` } },
    { title: 'nothing', error: undefined },
  ])('that is $title never gets its text into the line', ({ error }) => {
    const { log, lines, last } = logged();
    log.failed('s-4', error);
    expect(lines.join()).not.toContain('private-text');
    expect(last()).toMatchObject({ level: 50, sessionId: 's-4', msg: 'unexpected failure' });
  });

  it('tells its kind and the places in the code', () => {
    const { log, last } = logged();
    log.failed('s-5', named);
    const { err } = last() as { err: { name: string; at: string[] } };
    expect(err.name).toBe('TypeError');
    expect(err.at[0]).toMatch(/^at .*session-log\.test\.ts/);
    expect(err.at.length).toBeLessThanOrEqual(8);
    log.failed('s-5', 'a text');
    expect(last()).toMatchObject({ err: { name: 'string', at: [] } });
  });

  it('tells the places of an error without text too', () => {
    const { log, last } = logged();
    log.failed('s-6', new Error());
    expect((last() as { err: { at: string[] } }).err.at[0]).toContain('session-log.test.ts');
  });
});
