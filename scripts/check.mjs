/** `npm run check`: types, lint, format, boundaries, lock file and unit tests from source. */
import { staticChecks } from './checks.mjs';
import { ensureInstalled, ensureNode } from './prepare.mjs';
import { main, runSteps, tool } from './steps.mjs';

await main(async () => {
  ensureNode();
  await ensureInstalled();
  const results = await runSteps([['unit tests', () => tool('vitest', ['run'])], ...staticChecks], 2);
  return results.every(({ ok }) => ok);
});
