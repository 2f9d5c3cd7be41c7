/** The table of cases must not be able to lie: whatever it names has to exist, to run and to pass. */
import { expect, test } from 'vitest';
import { SECURITY_CASES } from './security-cases.mjs';
import { linesOf, testsByFile, verdictOfCase } from './security-verdict.mjs';

const ran = [
  { fullName: 'a gate lets in', status: 'passed' },
  { fullName: 'a gate keeps out', status: 'failed' },
  { fullName: 'a wall stands', status: 'passed' },
  { fullName: 'a wall holds', status: 'pending' },
];
const byFile = testsByFile({ testResults: [{ name: '/here/a.test.ts', assertionResults: ran }] }, '/here');
const judge = (tests: string[][], more: object = {}) => verdictOfCase({ tests, ...more }, byFile);

test('names each case from 72 to 97 once', () => {
  expect(SECURITY_CASES.map(({ number }) => number)).toEqual(Array.from({ length: 26 }, (_, at) => 72 + at));
});

test('a case passes with the tests that it names, each counted once', () => {
  expect(judge([['a.test.ts', 'a gate lets', 'a gate lets in', 'a wall stands']])).toEqual({
    state: 'passed',
    count: 2,
    complaints: [],
  });
});

test('a case of which something is missing passes in part', () => {
  expect(judge([['a.test.ts', 'a wall stands']], { missing: 'x' }).state).toBe('in part');
});

test.each<[what: string, tests: string[][]]>([
  ['failed', [['a.test.ts', 'a gate']]],
  ['was skipped', [['a.test.ts', 'a wall']]],
  ['does not exist', [['a.test.ts', 'a wall stands', 'a roof']]],
  ['is in a file that did not run', [['b.test.ts', 'a wall stands']]],
  ['is not named', [['a.test.ts']]],
  ['is in no file', []],
])('a case fails when a test of it %s', (_, tests) => {
  const verdict = judge(tests, { missing: 'x' });
  expect(verdict).toMatchObject({ state: 'failed', complaints: [expect.any(String)] });
  expect(linesOf({ number: 1, tries: 'x' }, verdict)[0]).toContain('FAILED');
});

test('a case that is not built says why', () => {
  const one = { number: 1, tries: 'x', notBuilt: 'y' };
  expect(linesOf(one, verdictOfCase(one, byFile))).toEqual(['case 1  not built: x: y']);
});
