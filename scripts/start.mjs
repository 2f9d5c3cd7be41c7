/** `npm start`: from a bare clone to the demo page, with local upstreams where no provider key is set. */
import { ensureBuilt, ensureInstalled, ensureNode, ensurePocketSphinx } from './prepare.mjs';
import { handOver, main } from './steps.mjs';

await main(async () => {
  ensureNode();
  await ensureInstalled();
  await ensureBuilt();
  await ensurePocketSphinx();
  return (await handOver(process.execPath, ['e2e/dist/local/start.js'])) === 0;
});
