/** `npm run check:size`: what an application's page loads of each entry, bundled, minified and compressed, against its budget. Needs a build. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { main, root } from './steps.mjs';

/**
 * In bytes of gzip, everything an entry imports included except `external`. Each stands a little above what the entry
 * measures, so that growth is a decision; docs/architecture.md has the goals, which are lower.
 */
const budgets = [
  { entry: 'packages/client/dist/index.js', most: 8.25 * 1024 },
  { entry: 'packages/client/dist/audio.js', most: 4.25 * 1024 },
  { entry: 'packages/react/dist/index.js', most: 18.5 * 1024, external: ['react'] },
];

async function sizeOf({ entry, external = [] }) {
  const { outputFiles } = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    splitting: true,
    outdir: join(root, 'dist'),
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    external: external.flatMap((name) => [name, `${name}/*`]),
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
}

const kb = (bytes) => `${(bytes / 1024).toFixed(2)} KB`.padStart(9);

await main(async () => {
  const rows = [];
  for (const row of budgets) rows.push({ ...row, size: await sizeOf(row) });
  for (const { entry, size, most } of rows) {
    console.log(`${size <= most ? 'ok  ' : 'FAIL'} ${entry.padEnd(32)} ${kb(size)} of ${kb(most)}`);
  }
  return rows.every(({ size, most }) => size <= most);
});
