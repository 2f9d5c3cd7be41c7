/** The numbers of the last line: a crash, an empty run and a skipped test must never look like success. */
import { describe, expect, test } from 'vitest';
import { tallyOfPlaywright, tallyOfVitest, verdictOf } from './tally.mjs';

describe('tally of the unit tests', () => {
  test('counts tests by their end and names the skipped', () => {
    const assertionResults = ['passed', 'passed', 'failed', 'pending', 'todo'].map((status) => ({
      status,
      fullName: `a ${status} test`,
    }));
    expect(
      tallyOfVitest({ testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults }] }),
    ).toEqual({
      passed: 2,
      failed: 1,
      skipped: ['a.test.ts: a pending test', 'a.test.ts: a todo test'],
    });
  });

  test('counts a file that could not be loaded as one failure', () => {
    const testResults = [{ name: 'a.test.ts', status: 'failed', assertionResults: [] }];
    expect(tallyOfVitest({ testResults }).failed).toBe(1);
  });
});

describe('tally of the browser tests', () => {
  const spec = (...statuses: string[]) => ({
    title: 'talks',
    file: 'talk.spec.ts',
    tests: statuses.map((status) => ({ status })),
  });

  test('reaches nested groups, counts a flaky test as failed and names the skipped', () => {
    const nested = {
      suites: [{ specs: [spec('expected', 'flaky')] }],
      specs: [spec('unexpected', 'skipped')],
    };
    expect(tallyOfPlaywright({ suites: [nested] })).toEqual({
      passed: 1,
      failed: 2,
      skipped: ['talk.spec.ts: talks'],
    });
  });

  test('counts what went wrong outside the tests', () => {
    expect(tallyOfPlaywright({ suites: [], errors: [{ message: 'no such project' }] }).failed).toBe(1);
  });
});

describe('verdict on a run', () => {
  const tally = { passed: 3, failed: 0, skipped: ['a.test.ts: speaks'] };

  test('is a failure when the runner crashed before it reported', () => {
    expect(verdictOf('unit tests', { ok: false, strict: false })).toMatchObject({ passed: 0, failed: 1 });
  });

  test('is a failure when no test ran, however the runner ended', () => {
    const empty = { passed: 0, failed: 0, skipped: [] };
    expect(verdictOf('unit tests', { ok: true, tally: empty, strict: false }).failed).toBe(1);
  });

  test('is a failure when the runner ended badly after all tests passed', () => {
    expect(verdictOf('unit tests', { ok: false, tally, strict: false }).failed).toBe(1);
  });

  test('only names a skipped test, except in CI where it fails', () => {
    expect(verdictOf('unit tests', { ok: true, tally, strict: false })).toMatchObject({
      passed: 3,
      failed: 0,
    });
    const { failed, complaints } = verdictOf('unit tests', { ok: true, tally, strict: true });
    expect(failed).toBe(1);
    expect(complaints.join()).toContain('a.test.ts: speaks');
  });
});
