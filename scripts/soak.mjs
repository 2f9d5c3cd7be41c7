/**
 * `npm run soak`: the endurance scenarios of the server at full size, some minutes. Words behind `--` are the beginnings of
 * names; SOAK_SEED repeats a run, SOAK_LEGS chooses the implementation of legs, SOAK_TARGET=fake tries the scenarios themselves.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { handOver, root } from './steps.mjs';

const source = join(root, 'packages/server/test/soak');
// Below the root's node_modules, so that packages are found from there.
const folder = join(root, 'node_modules/.cache/voxproxy-soak', String(process.pid));

await build({
  entryPoints: [join(source, 'run.ts'), join(source, 'proxy-process.ts')],
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  conditions: ['@voxproxy/source'],
  sourcemap: 'inline',
  logLevel: 'error',
});
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const args = ['--enable-source-maps', join(folder, 'run.mjs'), ...process.argv.slice(2)];
const env = { SOAK_PROXY_FILE: join(folder, 'proxy-process.mjs') };
process.exitCode = await handOver(process.execPath, args, env);
