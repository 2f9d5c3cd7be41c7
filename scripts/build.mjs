/** `npm run build`: all packages and the page, by the table of rollup.config.mjs, into the dist folders. */
import { hashOfSources, writeStamp } from './build-stamp.mjs';
import { ensureInstalled, ensureNode } from './prepare.mjs';
import { main, runSteps, tool } from './steps.mjs';

await main(async () => {
  ensureNode();
  await ensureInstalled();
  const hash = hashOfSources();
  const [{ ok }] = await runSteps([['build', () => tool('rollup', ['-c', '--silent'])]]);
  if (ok) writeStamp(hash);
  return ok;
});
