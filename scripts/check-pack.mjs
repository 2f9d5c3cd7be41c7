/**
 * `npm run check:pack`: packs each package as npm would publish it and holds it to publint, attw and the rules of
 * rules/package-rules.mjs; then loads every entry in Node. Needs a build.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { providerHosts } from './boundaries.mjs';
import { main, root, run, tool } from './steps.mjs';
import { packageProblems } from './rules/package-rules.mjs';

const browserOnly = [
  { pattern: providerHosts, name: 'a provider host' },
  { pattern: /@voxproxy\/server/, name: 'the server package' },
];

const packages = [
  { folder: 'packages/server', profile: 'esm-only' },
  { folder: 'packages/client', profile: 'node16', forbidden: browserOnly },
  { folder: 'packages/react', profile: 'node16', forbidden: browserOnly },
];

const machinePaths = [root, homedir(), tmpdir()].filter((path) => path.length > 5);

async function pack(folder, into) {
  const { ok, output } = await run('npm', [
    'pack',
    '-w',
    folder,
    '--pack-destination',
    into,
    '--json',
    '--silent',
  ]);
  const start = output.indexOf('[\n');
  if (!ok || start < 0) throw new Error(`npm pack of ${folder} failed\n${output}`);
  const [{ filename, files }] = JSON.parse(output.slice(start, output.lastIndexOf(']') + 1));
  return { tarball: join(into, filename), paths: files.map(({ path }) => path) };
}

/** Loads every entry the way Node would, by import and, where there is one, by require. */
async function loadingProblems(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const require = createRequire(join(root, 'e2e', 'package.json'));
  const problems = [];
  for (const [entry, target] of Object.entries(exports).filter(([, value]) => typeof value === 'object')) {
    const file = (target.import ?? target).default;
    try {
      await import(pathToFileURL(join(root, folder, file)).href);
      if (target.require) require(name + entry.slice(1));
    } catch (error) {
      problems.push(`${name}${entry.slice(1)} cannot be loaded: ${error.message}`);
    }
  }
  return problems;
}

async function check({ folder, profile, forbidden }, into) {
  const { tarball, paths } = await pack(folder, into);
  const files = paths.map((path) => ({ path, text: readFileSync(join(root, folder, path), 'utf8') }));
  // A worklet is loaded by its URL and has no types.
  const attw = [
    tarball,
    '--exclude-entrypoints',
    './audio-worklet.js',
    '--profile',
    profile,
    '--no-definitely-typed',
    '--format',
    'ascii',
    '--no-color',
  ];
  const linted = [await tool('publint', ['run', tarball, '--strict']), await tool('attw', attw)];
  const problems = [
    ...packageProblems(files, { machinePaths, forbidden }),
    ...(await loadingProblems(folder)),
    ...linted.filter(({ ok }) => !ok).map(({ output }) => output.trimEnd()),
  ];
  console.log(`${folder}: ${files.length} files, ${problems.length} problems`);
  for (const problem of problems) console.log(problem);
  return problems.length === 0;
}

await main(async () => {
  const into = mkdtempSync(join(tmpdir(), 'voxproxy-pack-'));
  try {
    const results = [];
    for (const row of packages) results.push(await check(row, into));
    return results.every(Boolean);
  } finally {
    rmSync(into, { recursive: true, force: true });
  }
});
