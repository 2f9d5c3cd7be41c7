/** Counts what the two test runners report in JSON. Pure. */

const nothing = () => ({ passed: 0, failed: 0, skipped: [] });

/** A file that could not be loaded has no tests and counts as one failure. */
export function tallyOfVitest({ testResults }) {
  const tally = nothing();
  for (const { name, status, assertionResults } of testResults) {
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) tally.failed += 1;
    for (const test of assertionResults) {
      if (test.status === 'passed') tally.passed += 1;
      else if (test.status === 'failed') tally.failed += 1;
      else tally.skipped.push(`${name}: ${test.fullName}`);
    }
  }
  return tally;
}

/** A flaky test has failed once, so it counts as failed. */
export function tallyOfPlaywright({ suites, errors = [] }) {
  const tally = nothing();
  tally.failed += errors.length;
  for (const { title, file, tests } of suites.flatMap(specsOf)) {
    for (const { status } of tests) {
      if (status === 'expected') tally.passed += 1;
      else if (status === 'skipped') tally.skipped.push(`${file}: ${title}`);
      else tally.failed += 1;
    }
  }
  return tally;
}

const specsOf = ({ specs = [], suites = [] }) => [...specs, ...suites.flatMap(specsOf)];

/**
 * What a run of a test runner counts for: a crash or an empty run is a failure of its own, and so is, where `strict`
 * (CI=true), each skipped test.
 * @param tally of its report; undefined when it wrote none
 * @returns {{ passed: number, failed: number, complaints: string[] }}
 */
export function verdictOf(name, { ok, tally = nothing(), strict }) {
  const complaints = [];
  let { failed } = tally;
  const fail = (text) => {
    failed += 1;
    complaints.push(`${name}: ${text}`);
  };
  if (tally.passed + tally.failed + tally.skipped.length === 0) fail('ran no test');
  else if (!ok && tally.failed === 0) fail('ended with an error although no test failed');
  for (const test of tally.skipped) {
    if (strict) fail(`skipped, which CI=true does not allow: ${test}`);
    else complaints.push(`${name}: skipped: ${test}`);
  }
  return { passed: tally.passed, failed, complaints };
}
