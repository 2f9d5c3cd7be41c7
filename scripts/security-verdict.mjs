/** Judges the abuse cases by the JSON report of vitest. Pure. */

/** The full name of a test is that of its groups and its own, with spaces between. */
export function testsByFile({ testResults }, folder) {
  const below = `${folder.replaceAll('\\', '/')}/`;
  return new Map(
    testResults.map(({ name, assertionResults }) => [
      name.replaceAll('\\', '/').replace(below, ''),
      assertionResults,
    ]),
  );
}

/**
 * A beginning of a name that no test has, and a test that was skipped, fail their case like a test that failed.
 * @param {Map<string, { fullName: string, status: string }[]>} byFile
 * @returns {{ state: 'passed' | 'in part' | 'not built' | 'failed', count: number, complaints: string[] }}
 */
export function verdictOfCase({ tests = [], missing, notBuilt }, byFile) {
  if (notBuilt !== undefined) return { state: 'not built', count: 0, complaints: [] };
  const complaints = [];
  const met = new Set();
  if (tests.length === 0) complaints.push('no test is named');
  for (const [file, ...starts] of tests) {
    if (starts.length === 0) complaints.push(`${file}: no test is named`);
    for (const start of starts) {
      const found = (byFile.get(file) ?? []).filter(({ fullName }) => fullName.startsWith(start));
      if (found.length === 0) complaints.push(`${file}: there is no test "${start}..."`);
      for (const test of found) met.add(test);
    }
  }
  for (const { fullName, status } of met) if (status !== 'passed') complaints.push(`${status}: ${fullName}`);
  const state = complaints.length > 0 ? 'failed' : missing === undefined ? 'passed' : 'in part';
  return { state, count: met.size, complaints };
}

/** The lines of one case. */
export function linesOf({ number, tries, missing, notBuilt }, { state, count, complaints }) {
  const head = `case ${number}`;
  if (state === 'not built') return [`${head}  not built: ${tries}: ${notBuilt}`];
  if (state === 'failed')
    return [`${head}  FAILED     ${tries}`, ...complaints.map((one) => `         ${one}`)];
  const rest = missing === undefined ? '' : `; in part: ${missing}`;
  return [`${head}  passed     (${count} tests)  ${tries}${rest}`];
}
