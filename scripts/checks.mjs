/** The steps that need no build and no browser: what `npm run check` runs, and `npm test` runs first. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, script, tool } from './steps.mjs';

const projects = [
  'packages/server/src/contract/tsconfig.json',
  'packages/server/tsconfig.json',
  'packages/client/tsconfig.json',
  'packages/react/tsconfig.json',
  'e2e/tsconfig.json',
];

/** Type-checks every project that has files yet, one after another, and names those that fail. */
async function types() {
  const results = [];
  for (const project of projects)
    results.push({ project, ...(await tool('tsc', ['-p', project, '--pretty', 'false'])) });
  const failed = results.filter(({ ok }) => !ok);
  return {
    ok: failed.length === 0,
    output: failed.map(({ project, output }) => `${project}\n${output}`).join('\n'),
  };
}

/** Addresses in the lock file would tie every install to the registry of the machine that wrote it. */
export function addressesIn(lockText) {
  const lines = lockText.split('\n').map((line, index) => ({ line, number: index + 1 }));
  return lines.filter(({ line }) => /"resolved":\s*"(https?|git)/.test(line)).map(({ number }) => number);
}

async function lock() {
  const file = join(root, 'package-lock.json');
  if (!existsSync(file))
    return { ok: false, output: 'package-lock.json is missing: run npm install and commit it' };
  const lines = addressesIn(readFileSync(file, 'utf8'));
  const output = lines
    .map((line) => `package-lock.json:${line}  lock/address  holds a download address`)
    .join('\n');
  return { ok: lines.length === 0, output: `${output}\nrun npm install with the .npmrc of this repository` };
}

/** Files are told apart by content, so that a fresh clone and a switch of branches are judged rightly. */
const cached = [
  '--cache',
  '--cache-strategy',
  'content',
  '--cache-location',
  'node_modules/.cache/prettier/checked',
];

/** Named steps for runSteps(). */
export const staticChecks = [
  ['types', types],
  ['lint', () => tool('oxlint', ['--deny-warnings', '--format', 'unix'])],
  ['format', () => tool('prettier', ['--check', '.', '--log-level', 'warn', ...cached])],
  ['boundaries', () => script('check-boundaries.mjs')],
  ['lock', lock],
];
