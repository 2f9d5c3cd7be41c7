import { beforeEach, describe, expect, it } from 'vitest';
import { readSessionQuery, toSessionQuery } from '../contract/index.ts';
import { createTestClock, type TestClock } from '../../test/support/test-clock.ts';
import { ResumeTable, type Owner, type Returnable } from './resume-table.ts';

const alice: Owner = { principal: 'alice', path: '/proxy' };

const sessionOf = (owner: Owner): Returnable => ({
  owner,
  canReturn: () => true,
  comeBack: () => undefined,
  refuse: () => ({ cause: 'unknown' }),
  retireOldIds: () => undefined,
});

let clock: TestClock;
let table: ResumeTable;
let session: Returnable;

beforeEach(() => {
  clock = createTestClock();
  table = new ResumeTable(clock);
  session = sessionOf(alice);
});

describe('an id', () => {
  it('leads to the session that it was issued for', () => {
    const other = sessionOf(alice);
    const [id, id2] = [table.issue(session), table.issue(other)];
    expect(table.find(id, alice)).toBe(session);
    expect(table.find(id2, alice)).toBe(other);
  });

  it('may be one of several of a session', () => {
    const ids = [table.issue(session), table.issue(session)];
    for (const id of ids) expect(table.find(id, alice)).toBe(session);
    expect(new Set(ids).size).toBe(2);
  });

  it('leads nowhere once its client has shown that it has a newer one', () => {
    const ids: string[] = [];
    const rotating = { ...session, retireOldIds: () => table.retire(ids.slice(0, -1)) };
    ids.push(table.issue(rotating), table.issue(rotating));
    expect(table.find(ids[0] as string, alice)).toBeUndefined();
    expect(table.find(ids[1] as string, alice)).toBe(rotating);
  });

  it('cannot be guessed, and can be asked for', () => {
    const ids = Array.from({ length: 200 }, () => table.issue(session));
    expect(new Set(ids).size).toBe(200);
    for (const id of ids) {
      expect(Buffer.from(id, 'base64url').length).toBeGreaterThanOrEqual(16);
      expect(readSessionQuery(toSessionQuery({ id, received: 1 }))).toEqual({ resume: { id, received: 1 } });
    }
  });

  it.each([
    { principal: 'bob', path: '/proxy' },
    { principal: 'Alice', path: '/proxy' },
    { principal: '', path: '/proxy' },
    { principal: 'alice', path: '/other' },
    { principal: 'alice', path: '/proxy/' },
  ])('is as unknown to $principal at $path as one that never was', (owner) => {
    const id = table.issue(session);
    expect(table.find(id, owner)).toBeUndefined();
    expect(table.find(id, alice)).toBe(session);
  });

  it.each(['', 'x'.repeat(24), '__proto__', 'constructor', 'toString'])('is not %j', (id) => {
    table.issue(session);
    expect(table.find(id, alice)).toBeUndefined();
  });
});

describe('retire', () => {
  it('forgets the ids that it is given and no others', () => {
    const [old, current] = [table.issue(session), table.issue(session)];
    table.retire([old, 'never-issued-to-anybody']);
    expect(table.find(old, alice)).toBeUndefined();
    expect(table.find(current, alice)).toBe(session);
    expect(table.size).toBe(1);
    expect(clock.pending()).toBe(0);
  });
});

describe('retireLater', () => {
  it('keeps ids for its time, then forgets them and its timer', () => {
    const id = table.issue(session);
    table.retireLater([id], 1_000);
    clock.advance(999);
    expect(table.find(id, alice)).toBe(session);
    clock.advance(1);
    expect(table.find(id, alice)).toBeUndefined();
    expect([table.size, clock.pending()]).toEqual([0, 0]);
  });

  it('keeps the ids of each session for their own time', () => {
    const [first, second] = [table.issue(session), table.issue(sessionOf(alice))];
    table.retireLater([first], 100);
    table.retireLater([second], 200);
    clock.advance(100);
    expect(table.find(first, alice)).toBeUndefined();
    expect(table.find(second, alice)).toBeDefined();
  });

  it('sets no timer for a session that has no id left', () => {
    table.retireLater([], 1_000);
    expect(clock.pending()).toBe(0);
  });
});

describe('close', () => {
  it('forgets every session and every timer, also twice', () => {
    const ids = [table.issue(session), table.issue(sessionOf(alice))];
    table.retireLater(ids, 1_000);
    table.close();
    table.close();
    expect([table.size, clock.pending()]).toEqual([0, 0]);
    for (const id of ids) expect(table.find(id, alice)).toBeUndefined();
  });
});
