/** Tells whether dist/ was built from the sources as they are now, by a stamp with their hash. It builds nothing. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './steps.mjs';

const stampFile = join(root, 'e2e', 'dist', 'build-stamp.json');
const packages = ['packages/server', 'packages/client', 'packages/react'];
const inputs = [
  ...[
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'rollup.config.mjs',
    'scripts/worklet-plugin.mjs',
  ],
  ...packages.flatMap((folder) => [`${folder}/src`, `${folder}/package.json`, `${folder}/tsconfig.json`]),
  ...['e2e/local', 'e2e/app', 'e2e/package.json', 'e2e/tsconfig.json'],
];
/** The folders that a build writes. */
export const outputs = [...packages, 'e2e'].map((folder) => `${folder}/dist`);

function* filesBelow(path) {
  const full = join(root, path);
  if (!existsSync(full)) return;
  if (!statSync(full).isDirectory()) yield path;
  else for (const name of readdirSync(full).toSorted()) yield* filesBelow(`${path}/${name}`);
}

export function hashOfSources() {
  const hash = createHash('sha256');
  for (const path of inputs.flatMap((input) => [...filesBelow(input)])) {
    if (/\.test\.tsx?$/.test(path)) continue;
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Whether everything that the last build wrote is still there and was made from these sources. */
export function isBuilt() {
  if (!existsSync(stampFile)) return false;
  const { hash, files } = JSON.parse(readFileSync(stampFile, 'utf8'));
  return hash === hashOfSources() && files.every((path) => existsSync(join(root, path)));
}

/** @param {string} hash of the sources before the build began, so that a change during it is built again */
export function writeStamp(hash) {
  const files = outputs.flatMap((output) => [...filesBelow(output)]);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ hash, files }, null, 1));
}
