/**
 * `npm run check:boundaries`: holds every source file to scripts/boundaries.mjs and prints one line a breach.
 * Lint rules (longest file, longest function) are .oxlintrc.json's.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './steps.mjs';
import { findingsOf } from './rules/all-rules.mjs';

const folders = ['packages', 'e2e', 'scripts', 'bench'];
const skipped = new Set(['node_modules', 'dist', 'coverage', 'test-results', 'playwright-report', '.cache']);

function* sourceFiles(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory() && !skipped.has(entry.name)) {
      if (folder !== '' || folders.includes(path)) yield* sourceFiles(path);
    } else if (/\.(ts|tsx|mjs)$/.test(entry.name)) yield path;
  }
}

function readManifests() {
  const found = ['', 'packages/server', 'packages/client', 'packages/react', 'e2e']
    .map((folder) => [folder, join(root, folder, 'package.json')])
    .filter(([, file]) => existsSync(file));
  return Object.fromEntries(found.map(([folder, file]) => [folder, JSON.parse(readFileSync(file, 'utf8'))]));
}

const texts = Object.fromEntries(
  [...sourceFiles('')].map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);
const findings = findingsOf(texts, readManifests());
for (const { file, line, rule, wrong, todo } of findings)
  console.log(`${file}:${line}  ${rule}  ${wrong}  → ${todo}`);
console.log(`${findings.length} breaches in ${Object.keys(texts).length} files`);
process.exitCode = findings.length === 0 ? 0 : 1;
