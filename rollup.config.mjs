/**
 * The builds of the packages and of the demo page: a table of rows and one function for each kind of row. Dependencies
 * and peers stay external; workspace code that is no dependency (the contract in the client) is inlined.
 */
import { chmodSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
import { dts } from 'rollup-plugin-dts';
import esbuild, { minify } from 'rollup-plugin-esbuild';
import { workletPlugin } from './scripts/worklet-plugin.mjs';

const root = dirname(fileURLToPath(import.meta.url));

const source = '@voxproxy/source';

/**
 * Entries are those of package.json: what `exports` and `imports` name under the source condition. `commands` are entries
 * below src/ that are run, not imported. `formats` are those of the code and of its declarations. `worklet` is the file
 * of the audio worklet, for pages that serve it themselves.
 */
const libraries = [
  { folder: 'packages/server', commands: { cli: 'cli/main.ts' }, formats: ['es'], target: 'node20' },
  { folder: 'packages/client', formats: ['es', 'cjs'], target: 'es2022', worklet: 'audio-worklet.js' },
  { folder: 'packages/react', formats: ['es', 'cjs'], target: 'es2022', banner: "'use client';" },
];

/** What only this repository runs: it uses the packages as built, like any application. */
const programs = [
  { input: { start: 'e2e/local/start.ts' }, dir: 'e2e/dist/local', browser: false },
  { input: { main: 'e2e/app/main.tsx' }, dir: 'e2e/dist/app', browser: true, assets: 'e2e/app' },
];

const endings = { es: { code: 'js', types: 'd.ts' }, cjs: { code: 'cjs', types: 'd.cts' } };

const manifestOf = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));

/** What others import: each entry under the name of its file in dist. */
function published(folder) {
  const entries = Object.values(manifestOf(folder).exports).filter((entry) => entry[source]);
  return entries.map((entry) => [parse((entry.import ?? entry).default).name, join(folder, entry[source])]);
}

/** What the package itself imports by condition, and its commands. */
function inner(folder, commands) {
  const files = Object.values(manifestOf(folder).imports ?? {}).flatMap((entry) =>
    Object.values(entry[source]),
  );
  return [
    ...files.map((file) => [parse(file).name, join(folder, file)]),
    ...Object.entries(commands).map(([name, file]) => [name, join(folder, 'src', file)]),
  ];
}

/** Rollup's input of `[name, file]` pairs. */
function toInput(entries) {
  return Object.fromEntries(entries.map(([name, file]) => [name, join(root, file)]));
}

/** Nothing is left to a warning, but for directives, which the banner puts back. */
function onwarn(warning) {
  if (warning.code === 'MODULE_LEVEL_DIRECTIVE' || warning.code === 'EMPTY_BUNDLE') return;
  throw new Error(warning.message);
}

function isExternal(folder) {
  const { dependencies, peerDependencies } = manifestOf(folder);
  const names = Object.keys({ ...dependencies, ...peerDependencies });
  return (id) => /^(node:|#)/.test(id) || names.some((name) => id === name || id.startsWith(`${name}/`));
}

/** Workspace code is read from source, and only that is resolved: any other package must be external by its name. */
const workspace = () =>
  resolve({
    exportConditions: [source],
    extensions: ['.ts', '.tsx'],
    resolveOnly: [/^@voxproxy\//],
  });

function codeOf({ folder, commands = {}, formats, target, banner = '', worklet }) {
  return {
    input: toInput([...published(folder), ...inner(folder, commands)]),
    external: isExternal(folder),
    plugins: [
      worklet && workletPlugin({ fileName: worklet }),
      workspace(),
      esbuild({ target, sourceMap: false }),
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

function typesOf({ folder, formats }) {
  return {
    input: toInput(published(folder)),
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
    esbuild({
      target: 'es2022',
      sourceMap: false,
      exclude: [],
      define: { 'process.env.NODE_ENV': '"production"' },
    }),
    commonjs(),
    minify({ sourceMap: false, legalComments: 'none' }),
    copy(assets),
  ];
  return {
    input: toInput(Object.entries(input)),
    external: browser ? [] : (id) => !/^[./]/.test(id),
    plugins: browser ? page : [esbuild({ target: 'node20', sourceMap: false })],
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

export default [...libraries.flatMap((row) => [codeOf(row), typesOf(row)]), ...programs.map(programOf)];
