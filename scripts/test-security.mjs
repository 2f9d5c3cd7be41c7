/** `npm run test:security`: runs the tests that stand for the abuse cases 72 to 97 and says of each case whether it passes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SECURITY_CASES } from './security-cases.mjs';
import { linesOf, testsByFile, verdictOfCase } from './security-verdict.mjs';
import { main, root, tool } from './steps.mjs';

const server = join(root, 'packages/server');

async function readReport(folder) {
  const file = join(folder, 'vitest.json');
  const files = new Set(
    SECURITY_CASES.flatMap(({ tests = [] }) => tests.map(([name]) => join(server, name))),
  );
  const reporters = ['--reporter=json', `--outputFile.json=${file}`];
  const { ok, output } = await tool('vitest', ['run', '--project', 'server', ...reporters, ...files]);
  if (!ok) console.log(output);
  return { ok, report: JSON.parse(readFileSync(file, 'utf8')) };
}

async function testSecurity(folder) {
  const { ok, report } = await readReport(folder);
  const byFile = testsByFile(report, server);
  const counts = { passed: 0, 'in part': 0, 'not built': 0, failed: 0 };
  for (const one of SECURITY_CASES) {
    const verdict = verdictOfCase(one, byFile);
    counts[verdict.state] += 1;
    for (const line of linesOf(one, verdict)) console.log(line);
  }
  if (!ok && counts.failed === 0) console.log('the run failed outside of these tests');
  console.log(
    `${counts.passed} cases passed, ${counts['in part']} in part, ${counts['not built']} not built, ${counts.failed} failed`,
  );
  return ok && counts.failed === 0;
}

const folder = mkdtempSync(join(tmpdir(), 'voxproxy-security-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
await main(() => testSecurity(folder));
