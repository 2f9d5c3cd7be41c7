/** Who may import what: the table of boundaries.mjs applied to every import, and the walls between packages and tests. */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { finding, isIn, isTestCode, isTestFile } from './findings.mjs';

const isRelative = (specifier) => specifier.startsWith('.');
const isBuiltin = (specifier) => specifier.startsWith('node:') || builtinModules.includes(specifier);
const packageOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** The file that a relative import names. */
export const targetOf = (source, specifier) => posix.join(posix.dirname(source.path), specifier);

/** @param tables the exports of boundaries.mjs @param manifests package.json by package folder, '' is the root */
export function importFindings(sources, tables, manifests) {
  return sources.flatMap((source) => [
    ...rowless(source, tables),
    ...source.imports.flatMap((one) => judge(source, one, tables, manifests)),
  ]);
}

function rowless({ path }, { importTable }) {
  const table = importTable.find(({ root }) => path.startsWith(root));
  if (!table || isTestCode(path) || rowOf(table, path)) return [];
  const todo = 'give it a row in scripts/boundaries.mjs';
  return [finding({ path, line: 1 }, 'import/no-row', 'no row of the import table covers it', todo)];
}

function judge(source, one, tables, manifests) {
  const report = (rule, wrong, todo) => [finding({ path: source.path, line: one.line }, rule, wrong, todo)];
  if (isRelative(one.specifier)) {
    const target = targetOf(source, one.specifier);
    return atTheWalls(source, target, report) ?? byTable(source, { ...one, target }, tables, report);
  }
  if (isBuiltin(one.specifier)) return byTable(source, one, tables, report);
  return byManifest(source, one, manifests, report) ?? byTable(source, one, tables, report);
}

/** Rules that need no table: no way out of the package, nothing taken from tests. */
function atTheWalls(source, target, report) {
  if (packageFolder(source.path) !== packageFolder(target)) {
    return report('import/package', `reaches into ${target}`, 'import the package by its name');
  }
  if (isTestFile(target))
    return report('import/test', `imports the test ${target}`, 'move what is shared beside it');
  if (isTestCode(target) && !isTestCode(source.path)) {
    return report('import/test', `imports test code ${target}`, 'move what is shared into src');
  }
  return undefined;
}

/** The root and scripts/ count as one. */
const packageFolder = (path) => path.match(/^(packages\/[^/]+|e2e)\//)?.[1] ?? '';

/** A package by name: only its published entries, and only where package.json declares it. */
function byManifest(source, { specifier, typeOnly }, manifests, report) {
  const folder = packageFolder(source.path);
  if (specifier in (manifests[folder]?.imports ?? {})) return [];
  const name = packageOf(specifier);
  const workspace = Object.values(manifests).find((manifest) => manifest.name === name);
  const entry = `.${specifier.slice(name.length)}`;
  if (workspace && !(entry in (workspace.exports ?? {}))) {
    return report('import/deep', `${specifier} is not an entry of ${name}`, `use one of its exports`);
  }
  const { name: ownName, ...own } = manifests[folder] ?? {};
  const shipped = [own.dependencies, own.peerDependencies, { [ownName]: '' }];
  const owners = folder === '' ? Object.values(manifests) : [own, manifests['']];
  const local = owners.flatMap((manifest) => [manifest?.dependencies, manifest?.devDependencies]);
  const isLocal = typeOnly || isTestCode(source.path) || !folder.startsWith('packages/');
  const declared = [...shipped, ...(isLocal ? local : [])].some((list) => list && name in list);
  if (declared || workspace) return undefined;
  return report(
    'import/undeclared',
    `${name} is not in its package.json`,
    'declare the dependency, or do without',
  );
}

function byTable(source, one, { importTable, importedOnlyBy }, report) {
  const table = importTable.find(({ root }) => source.path.startsWith(root));
  if (!table || isTestCode(source.path)) return [];
  const row = rowOf(table, source.path);
  const closed = importedOnlyBy.find(({ file, by }) => file === one.target && !isIn(source.path, by));
  if (closed) return report('import/closed', `${one.target} is not for this file`, closed.todo);
  if (!row || mayImport(table, row, one)) return [];
  const as = one.typeOnly ? 'type import' : 'import';
  return report('import/table', `${as} of ${one.target ?? one.specifier} is outside its row`, allowed(row));
}

/** The row with the longest path that fits. */
function rowOf({ root, rows }, path) {
  const fit = (row) =>
    Math.max(...row.files.map((file) => (isIn(path, [place(root, file)]) ? file.length : -1)));
  const best = rows.toSorted((a, b) => fit(b) - fit(a))[0];
  return best && fit(best) >= 0 ? best : undefined;
}

const place = (root, path) => root + path.replace(/^\.\//, '');
const places = (root, paths = []) => paths.map((path) => place(root, path));

function mayImport({ root, builtins, rows }, row, { specifier, target, typeOnly }) {
  if (!target && isBuiltin(specifier)) return row.builtins ?? builtins;
  if (!target)
    return (row.packages ?? []).some((name) => specifier === name || specifier.startsWith(`${name}/`));
  if (rowOf({ root, rows }, target) === row && row.own !== false) return true;
  return isIn(target, [...places(root, row.may), ...(typeOnly ? places(root, row.types) : [])]);
}

function allowed({ may = [], types = [], packages = [] }) {
  const list = [...may, ...types.map((path) => `${path} (types)`), ...packages];
  return `it may import ${list.join(', ') || 'nothing'}`;
}
