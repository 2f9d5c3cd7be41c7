/**
 * Reads one source file into the facts that the rules ask about: imports, names used as values, strings, numbers,
 * comments, lines of code. It judges nothing.
 */
import { parseSync, visitorKeys } from 'oxc-parser';

const globalObjects = new Set(['globalThis', 'window', 'self', 'global']);
/** TypeScript nodes that wrap a value; every other TS node is a type and holds no use of a value. */
const valueWrappers = /^TS(As|Satisfies|NonNull|Instantiation)Expression$|^TSTypeAssertion$/;

/** @param {string} path relative to the repository, with forward slashes */
export function readSource(path, text) {
  const { program, module, comments, errors } = parseSync(path, text, { preserveParens: false });
  const lineOf = lineFinder(text);
  const codeLines = linesOfCode(text, comments);
  const source = {
    path,
    text,
    comments,
    lineOf,
    codeLines,
    errors,
    program,
    imports: [],
    exportsDefault: false,
  };
  source.imports = [...staticImports(module, lineOf)];
  source.exportsDefault = module.staticExports.some((e) =>
    e.entries.some((x) => x.exportName.kind === 'Default'),
  );
  return Object.assign(source, factsOf(program, source));
}

function lineFinder(text) {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

/** For each line, whether it holds anything but blanks and comments. */
function linesOfCode(text, comments) {
  let bare = '';
  let from = 0;
  for (const { start, end } of comments) {
    bare += text.slice(from, start) + text.slice(start, end).replace(/[^\n]/g, ' ');
    from = end;
  }
  return (bare + text.slice(from)).split('\n').map((line) => line.trim() !== '');
}

/** Lines of code from one line to another, both included; of the whole file by default. */
export function countLines(source, first = 1, last = source.codeLines.length) {
  return source.codeLines.slice(first - 1, last).filter(Boolean).length;
}

function* staticImports(module, lineOf) {
  for (const { moduleRequest, entries, start, end } of module.staticImports) {
    const typeOnly = entries.length > 0 && entries.every((entry) => entry.isType);
    yield { specifier: moduleRequest.value, typeOnly, names: entries, line: lineOf(start), start, end };
  }
  for (const { entries, start, end } of module.staticExports) {
    const from = entries.filter((entry) => entry.moduleRequest);
    if (from.length === 0) continue;
    const specifier = from[0].moduleRequest.value;
    yield { specifier, typeOnly: from.every((e) => e.isType), names: from, line: lineOf(start), start, end };
  }
}

/** Walks the tree with the chain of parents; `visit` may return false to skip what is below. */
export function walk(node, visit, parents = []) {
  if (visit(node, parents) === false) return;
  const below = [...parents, node];
  for (const key of visitorKeys[node.type] ?? []) {
    const child = node[key];
    for (const one of Array.isArray(child) ? child : [child]) if (one?.type) walk(one, visit, below);
  }
}

function factsOf(program, source) {
  const facts = { uses: [], strings: [], numbers: [], calls: [] };
  const bound = new Set();
  walk(program, (node, parents) => {
    if (node.type.startsWith('TS') && !valueWrappers.test(node.type)) return addTypeImports(node, source);
    return collect(node, parents, { facts, bound, source });
  });
  const isGlobal = ({ name, ofGlobal }) => ofGlobal || !bound.has(name.match(/^(?:new )?([^.(]*)/)[1]);
  facts.uses = facts.uses.filter(isGlobal);
  return facts;
}

function addTypeImports(type, { imports, lineOf }) {
  walk(type, (node) => {
    if (node.type !== 'TSImportType') return;
    imports.push({ specifier: node.source.value, typeOnly: true, names: [], line: lineOf(node.start) });
  });
  return false;
}

function collect(node, parents, { facts, bound, source }) {
  const line = source.lineOf(node.start);
  if (node.type === 'ImportDeclaration') return rememberImports(node, bound);
  if (node.type === 'ExportAllDeclaration') return false;
  if (node.type === 'ImportExpression') addDynamicImport(node, source, line);
  if (node.type === 'Literal') addLiteral({ value: node.value, line, node, parents }, facts);
  if (node.type === 'TemplateElement') facts.strings.push({ value: node.value.cooked ?? '', line });
  if (node.type === 'JSXText') facts.strings.push({ value: node.value, line });
  if (node.type === 'CallExpression') facts.calls.push({ name: nameOf(node.callee), node, line, parents });
  if (node.type === 'Identifier' && isBinding(node, parents)) bound.add(node.name);
  else for (const name of usedNames(node, parents.at(-1))) facts.uses.push({ ...name, line });
  return undefined;
}

function addLiteral(literal, { strings, numbers }) {
  if (typeof literal.value === 'string') strings.push(literal);
  if (typeof literal.value === 'number') numbers.push(literal);
}

function addDynamicImport(node, source, line) {
  const specifier = node.source?.value;
  if (typeof specifier === 'string') source.imports.push({ specifier, typeOnly: false, names: [], line });
}

function rememberImports(node, bound) {
  for (const specifier of node.specifiers ?? []) if (specifier.local) bound.add(specifier.local.name);
  return false;
}

/** The dotted name of an expression without its global object: `globalThis.a.b` is `a.b`; '' where it has none. */
export function nameOf(node) {
  if (node?.type === 'Identifier') return node.name;
  if (node?.type === 'ChainExpression') return nameOf(node.expression);
  if (node && valueWrappers.test(node.type)) return nameOf(node.expression);
  if (node?.type !== 'MemberExpression') return '';
  const property = node.computed ? node.property.value : node.property.name;
  if (typeof property !== 'string') return '';
  const object = nameOf(node.object);
  if (globalObjects.has(object)) return property;
  return object === '' ? `?.${property}` : `${object}.${property}`;
}

function* usedNames(node, parent) {
  if (node.type === 'Identifier' && !isPropertyName(node, parent)) yield { name: node.name };
  if (node.type === 'MemberExpression')
    yield { name: nameOf(node), ofGlobal: globalObjects.has(rootOf(node)) };
  if (node.type === 'NewExpression') {
    yield { name: `new ${nameOf(node.callee)}(${node.arguments.length > 0 ? '…' : ''})` };
  }
  if (node.type === 'VariableDeclarator' && node.id.type === 'ObjectPattern' && node.init) yield* taken(node);
  if (node.type === 'CallExpression') yield* signalUse(node);
}

/** `const { env } = process` uses process.env. */
function* taken({ id, init }) {
  const from = nameOf(init);
  for (const { key } of id.properties) {
    if (!key?.name || from === '') continue;
    const ofGlobal = globalObjects.has(from);
    yield { name: ofGlobal ? key.name : `${from}.${key.name}`, ofGlobal };
  }
}

function* signalUse({ callee, arguments: [first] }) {
  if (
    /^process\.(on|once|addListener|prependListener)$/.test(nameOf(callee)) &&
    String(first?.value).startsWith('SIG')
  ) {
    yield { name: 'process.on(signal)' };
  }
}

function rootOf(node) {
  return node.type === 'MemberExpression' ? rootOf(node.object) : (node.name ?? '');
}

const patterns = /^(ObjectPattern|ArrayPattern|RestElement|AssignmentPattern|Property)$/;

/** Whether this identifier is a name being declared, also inside a destructuring pattern. */
function isBinding(node, parents) {
  let at = parents.length - 1;
  let inner = node;
  for (; at >= 0 && patterns.test(parents[at].type); at -= 1) {
    const parent = parents[at];
    if (parent.right === inner || (parent.type === 'Property' && parent.value !== inner)) return false;
    inner = parent;
  }
  const owner = parents[at];
  if (!owner || inner.type === 'Property') return false;
  return owner.id === inner || owner.param === inner || (owner.params ?? []).includes(inner);
}

function isPropertyName(node, parent) {
  if (!parent) return false;
  if (parent.type === 'MemberExpression') return parent.property === node && !parent.computed;
  if (/^(Property|MethodDefinition|PropertyDefinition|AccessorProperty)$/.test(parent.type)) {
    return parent.key === node && !parent.computed;
  }
  return /^(LabeledStatement|BreakStatement|ContinueStatement|ExportSpecifier|MetaProperty|JSX)/.test(
    parent.type,
  );
}
