/**
 * `npm test`: everything, from a bare clone: prepares, checks, builds, checks the packages, runs the unit tests and the
 * browser tests. The last line is `N passed, N failed`: the tests of both runners, and one for each other step.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { staticChecks } from './checks.mjs';
import { ensureChromium, ensureInstalled, ensureNode, ensurePocketSphinx } from './prepare.mjs';
import { runSteps, script, tool } from './steps.mjs';
import { tallyOfPlaywright, tallyOfVitest, verdictOf } from './tally.mjs';

const strict = process.env.CI === 'true';
const minutes = (number) => number * 60_000;
const total = { passed: 0, failed: 0 };

function count({ passed, failed, complaints = [] }) {
  total.passed += passed;
  total.failed += failed;
  for (const complaint of complaints) console.log(complaint);
}

async function countSteps(steps, lanes) {
  const results = await runSteps(steps, lanes);
  for (const { ok } of results) count(ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  return results.every(({ ok }) => ok);
}

function readTally(file, tallyOf) {
  try {
    return tallyOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

async function unitTests(folder) {
  const file = join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { ok } = await tool('vitest', ['run', ...reporters], { show: true, limitMs: minutes(5) });
  count(verdictOf('unit tests', { ok, tally: readTally(file, tallyOfVitest), strict }));
}

async function browserTests(folder) {
  const file = join(folder, 'playwright.json');
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: file };
  const args = ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'];
  const { ok } = await tool('playwright', args, { env, show: true, limitMs: minutes(8) });
  count(verdictOf('browser tests', { ok, tally: readTally(file, tallyOfPlaywright), strict }));
}

async function everything(folder) {
  ensureNode();
  await ensureInstalled();
  process.env.CHROMIUM_PATH = await ensureChromium();
  await ensurePocketSphinx();
  await countSteps(staticChecks, 2);
  const built = await countSteps([['build', () => script('build.mjs')]]);
  if (built) await countSteps(['pack', 'size'].map((name) => [name, () => script(`check-${name}.mjs`)]));
  else count({ passed: 0, failed: 2, complaints: ['pack, size: not run, because the build failed'] });
  await unitTests(folder);
  if (built) await browserTests(folder);
  else count({ passed: 0, failed: 1, complaints: ['browser tests: not run, because the build failed'] });
}

const folder = mkdtempSync(join(tmpdir(), 'voxproxy-test-'));
try {
  await everything(folder);
} catch (error) {
  console.error(error);
  total.failed += 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed`);
