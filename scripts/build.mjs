/** `npm run build`: all packages and the page, by the table of rollup.config.mjs, into emptied dist folders. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { hashOfSources, outputs, writeStamp } from './build-stamp.mjs';
import { ensureInstalled, ensureNode } from './prepare.mjs';
import { main, root, runSteps, tool } from './steps.mjs';

await main(async () => {
  ensureNode();
  await ensureInstalled();
  const hash = hashOfSources();
  for (const output of outputs) rmSync(join(root, output), { recursive: true, force: true });
  const [{ ok }] = await runSteps([['build', () => tool('rollup', ['-c', '--silent'])]]);
  if (ok) writeStamp(hash);
  return ok;
});
