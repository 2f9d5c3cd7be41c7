/**
 * `npm run bench`: measures the relay beside others in one interleaved run and prints one table of ratios.
 * Options: `--quick`, `--only cpu,connects`, `--contenders ours,nginx`, `--write` (into docs/performance.md).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, ensureNode } from '../scripts/prepare.mjs';
import { main, root } from '../scripts/steps.mjs';
import { chooseContenders } from './contenders.mjs';
import { readPlan } from './plan.mjs';
import { replaceMeasured, sectionOf } from './report/document.mjs';
import { isFailure, printRows } from './report/rows.mjs';
import { endChildren, endChildrenAtExit } from './rig/children.mjs';
import { describeMachine } from './rig/machine.mjs';

const DOCUMENT = join(root, 'docs', 'performance.md');
const options = {
  quick: { type: 'boolean' },
  write: { type: 'boolean' },
  only: { type: 'string' },
  contenders: { type: 'string' },
};

await main(async () => {
  const { values } = parseArgs({ options });
  const plan = readPlan(values);
  const names = chooseContenders(values.contenders?.split(','));
  ensureNode();
  await ensureInstalled();
  await ensureBuilt();
  endChildrenAtExit();
  try {
    // Imported late, because it stands on the built package.
    const { runSections } = await import('./run-sections.mjs');
    const { rows, notes, cores } = await runSections(plan, names, (text) => console.log(text));
    report({ rows, notes, machine: describeMachine(cores) }, values.write);
    return !rows.some(isFailure);
  } finally {
    endChildren();
  }
});

function report({ rows, notes, machine }, isWritten) {
  const table = printRows(rows);
  console.log(`\n${machine.join('\n')}\n\n${table}`);
  for (const note of notes) console.log(`note: ${note}`);
  if (!isWritten) return;
  const date = new Date().toISOString().slice(0, 10);
  const section = sectionOf({ date, machine, table, notes });
  writeFileSync(DOCUMENT, replaceMeasured(readFileSync(DOCUMENT, 'utf8'), section));
}
