/**
 * The builds of the packages and of the demo page: a table of rows and one function for each kind of row. Dependencies
 * and peers stay external; workspace code that is no dependency (the contract in the client) is inlined.
 */
import { chmodSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { dts } from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';
import { workletPlugin } from './scripts/worklet-plugin.mjs';

const root = dirname(fileURLToPath(import.meta.url));

/** While the tree grows, rows whose files are not there yet are left out. */
const skipMissing = true;

/**
 * `input` names the entries below src/; `formats` are those of the code and of its declarations; `commands` are entries
 * that are run, not imported, and so have no declarations.
 */
const libraries = [
  {
    folder: 'packages/server',
    input: { index: 'index.ts', contract: 'contract/index.ts', testing: 'testing/index.ts' },
    commands: { cli: 'cli/main.ts' },
    formats: ['es'],
    target: 'node20',
  },
  {
    folder: 'packages/client',
    input: { index: 'index.ts', audio: 'audio/index.ts' },
    formats: ['es', 'cjs'],
    target: 'es2022',
    worklets: true,
  },
  {
    folder: 'packages/react',
    input: { index: 'index.ts' },
    formats: ['es', 'cjs'],
    target: 'es2022',
    banner: "'use client';",
  },
];

/** What only this repository runs: it uses the packages as built, like any application. */
const programs = [
  { input: { start: 'e2e/local/start.ts' }, dir: 'e2e/dist/local', browser: false },
  { input: { main: 'e2e/app/main.tsx' }, dir: 'e2e/dist/app', browser: true, assets: 'e2e/app' },
];

const endings = { es: { code: 'js', types: 'd.ts' }, cjs: { code: 'cjs', types: 'd.cts' } };

const inFolder = (folder, input) =>
  Object.fromEntries(Object.entries(input).map(([name, file]) => [name, join(root, folder, file)]));

/** A row is built when all its files are there; while `skipMissing`, with those that are. */
function present(input) {
  if (!skipMissing) return input;
  return Object.fromEntries(Object.entries(input).filter(([, file]) => existsSync(file)));
}

/** Nothing is left to a warning, but for directives, which the banner puts back. */
function onwarn(warning) {
  if (warning.code === 'MODULE_LEVEL_DIRECTIVE' || warning.code === 'EMPTY_BUNDLE') return;
  throw new Error(warning.message);
}

function isExternal(folder) {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  );
  const names = Object.keys({ ...dependencies, ...peerDependencies });
  return (id) => id.startsWith('node:') || names.some((name) => id === name || id.startsWith(`${name}/`));
}

/** Workspace code is read from source, and only that is resolved: any other package must be external by its name. */
const workspace = () =>
  resolve({
    exportConditions: ['@voxproxy/source'],
    extensions: ['.ts', '.tsx'],
    resolveOnly: [/^@voxproxy\//],
  });

function codeOf({ folder, input, commands = {}, formats, target, banner = '', worklets = false }) {
  const entries = present(inFolder(`${folder}/src`, { ...input, ...commands }));
  return {
    input: entries,
    external: isExternal(folder),
    plugins: [
      worklets && workletPlugin({ emit: true }),
      workspace(),
      esbuild({ target }),
      executable(commands),
    ],
    output: formats.map((format) => ({
      dir: join(root, folder, 'dist'),
      format,
      banner,
      hoistTransitiveImports: false,
      entryFileNames: `[name].${endings[format].code}`,
      chunkFileNames: `[name]-chunk.${endings[format].code}`,
    })),
    onwarn,
  };
}

function typesOf({ folder, input, formats }) {
  return {
    input: present(inFolder(`${folder}/src`, input)),
    external: isExternal(folder),
    plugins: [dts({ tsconfig: join(root, folder, 'tsconfig.json'), includeExternal: ['@voxproxy/server'] })],
    output: formats.map((format) => ({
      dir: join(root, folder, 'dist'),
      format: 'es',
      entryFileNames: `[name].${endings[format].types}`,
      chunkFileNames: `[name]-chunk.${endings[format].types}`,
    })),
    onwarn,
  };
}

function programOf({ input, dir, browser, assets }) {
  const page = [
    resolve({ browser: true, exportConditions: ['production'] }),
    esbuild({ target: 'es2022', exclude: [], define: { 'process.env.NODE_ENV': '"production"' } }),
    commonjs(),
    terser(),
    copy(assets),
  ];
  return {
    input: present(inFolder('.', input)),
    external: browser ? [] : (id) => !/^[./]/.test(id),
    plugins: browser ? page : [esbuild({ target: 'node20' })],
    output: { dir: join(root, dir), format: 'es', chunkFileNames: '[name]-chunk.js' },
    onwarn,
  };
}

/** Makes the commands of a package runnable. */
function executable(commands) {
  return {
    name: 'executable',
    writeBundle({ dir }, bundle) {
      const files = Object.keys(commands).map((name) => `${name}.js`);
      for (const file of files.filter((name) => name in bundle)) chmodSync(join(dir, file), 0o755);
    },
  };
}

/** Puts everything in a folder that is no code beside the bundle. */
function copy(folder) {
  return {
    name: 'copy',
    buildStart() {
      for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (!entry.isFile() || /\.tsx?$/.test(path)) continue;
        const fileName = path.slice(join(root, folder).length + 1);
        this.emitFile({ type: 'asset', fileName, source: readFileSync(path) });
      }
    },
  };
}

export default [
  ...libraries.flatMap((row) => [codeOf(row), typesOf(row)]),
  ...programs.map(programOf),
].filter(({ input }) => Object.keys(input).length > 0);
