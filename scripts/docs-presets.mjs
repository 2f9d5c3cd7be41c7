/** `npm run docs:presets`: writes the table of docs/presets.md from the presets. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';
import { root } from './steps.mjs';

const docs = join(root, 'docs/presets.md');
const source = join(root, 'packages/server/test/presets/table.ts');
const { outputFiles } = await build({
  entryPoints: [source],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  packages: 'external',
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { presetTable } = await import(`data:text/javascript;base64,${code}`);
const text = readFileSync(docs, 'utf8').replace(
  /(<!-- table: presets -->)[\s\S]*?(<!-- end -->)/,
  (_, from, to) => `${from}\n\n${presetTable()}\n\n${to}`,
);
writeFileSync(docs, await format(text, { ...(await resolveConfig(docs)), parser: 'markdown' }));
