/** What has a single owner: names, modules, texts and close numbers that may stand in one place only. */
import { finding, isIn, isTestCode } from './findings.mjs';
import { nameOf } from './source.mjs';

export function ownerFindings(sources, { singleOwners, singleImporters, closeNumbers }) {
  return [
    ...sources.flatMap((source) => singleOwners.flatMap((row) => ownedIn(source, row))),
    ...sources.flatMap((source) => closeNumbersIn(source, closeNumbers)),
    ...singleImporters.flatMap((row) => manyImporters(sources, row)),
  ];
}

function ownedIn(source, row) {
  const { path } = source;
  if (!isIn(path, row.where) || isIn(path, row.owners) || (isTestCode(path) && !row.tests)) return [];
  const found = [
    ...named(source.uses, 'name', row.uses),
    ...named(source.calls, 'name', row.calls),
    ...named(source.imports, 'specifier', row.modules),
    ...named(source.strings, 'value', row.strings),
  ];
  const firstOfLine = new Map(found.map((one) => [one.line, one]));
  return [...firstOfLine.values()].map(({ line, text }) =>
    finding({ path: source.path, line }, row.rule, text, row.todo),
  );
}

function named(facts, key, pattern) {
  if (!pattern) return [];
  return facts
    .filter((fact) => pattern.test(fact[key]))
    .map((fact) => ({ line: fact.line, text: `${fact[key].match(pattern)[0]} has its own place` }));
}

function closeNumbersIn(source, { where, owners, always, inContext, foreign, playForeign }) {
  if (!isIn(source.path, where) || isIn(source.path, owners)) return [];
  const scripted = isIn(source.path, playForeign);
  if (scripted && isTestCode(source.path)) return [];
  const mayPlay = scripted || isTestCode(source.path);
  return source.numbers
    .filter(({ value }) => !(mayPlay && foreign(value)))
    .filter((one) => always(one.value) || (inContext(one.value) && nearClose(one)))
    .map(({ value, line }) =>
      finding(
        { path: source.path, line },
        'owner/close-number',
        `close number ${value}`,
        'name the row of the contract',
      ),
    );
}

const isCode = (name) => /(close|code)$/i.test(name);

/** Whether a number is given to something that closes, or compared or stored as a code. */
function nearClose({ node, parents }) {
  const parent = parents.at(-1);
  if (parent.type === 'CallExpression')
    return parent.callee !== node && /close|terminate|\bend$/i.test(nameOf(parent.callee));
  if (parent.type === 'BinaryExpression')
    return [parent.left, parent.right].some((side) => isCode(nameOf(side)));
  if (parent.type === 'SwitchCase') return isCode(nameOf(parents.at(-2).discriminant));
  if (parent.type === 'VariableDeclarator') return isCode(nameOf(parent.id));
  return parent.type === 'Property' && isCode(nameOf(parent.key));
}

function manyImporters(sources, { root, module }) {
  const importers = sources
    .filter(({ path }) => path.startsWith(root) && !isTestCode(path))
    .flatMap((source) =>
      source.imports.filter((one) => one.specifier === module).map(({ line }) => ({ source, line })),
    );
  const files = new Set(importers.map(({ source }) => source.path));
  if (files.size <= 1) return [];
  return importers
    .slice(1)
    .map(({ source, line }) =>
      finding(
        { path: source.path, line },
        'owner/one-importer',
        `a second file imports ${module}`,
        `leave it to ${[...files][0]}`,
      ),
    );
}
