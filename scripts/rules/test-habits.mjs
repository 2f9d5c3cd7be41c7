/** Habits of tests: no fixed waits, nothing left out silently, short bodies; and no forgotten notes anywhere. */
import { finding, isTestCode, isTestFile } from './findings.mjs';
import { countLines, nameOf, walk } from './source.mjs';

const waits = /(^|\.)(sleep|delay|pause|wait|waitForTimeout|setTimeout)$/;
const leftOut =
  /^(it|test|describe|suite)(\.\w+)*\.(skip|skipIf|runIf|todo|fixme|fails)$|^(xit|xtest|xdescribe)$/;

export function habitFindings(sources, { lengths }) {
  return sources.flatMap((source) => [
    ...forgottenNotes(source),
    ...(isTestCode(source.path) ? [...fixedWaits(source), ...silentGaps(source)] : []),
    ...(isTestFile(source.path) ? longTests(source, lengths.testBody) : []),
  ]);
}

function fixedWaits(source) {
  const todo = 'wait for an event with a deadline, or advance the injected clock';
  const timers = source.imports.filter(({ specifier }) => specifier.endsWith('timers/promises'));
  const calls = source.calls.filter(
    ({ name, node, parents }) => waits.test(name) && isFixedWait(name, node, parents),
  );
  return [...timers, ...calls].map(({ line }) =>
    finding({ path: source.path, line }, 'test/fixed-wait', 'waits a fixed time', todo),
  );
}

/** A timer that fails a wait is a deadline and fine; one that fulfils a promise, or a call that only sleeps, is not. */
function isFixedWait(name, { arguments: [first] }, parents) {
  if (name.endsWith('waitForTimeout')) return true;
  if (!name.endsWith('setTimeout')) return typeof first?.value === 'number';
  const promise = parents.findLast(
    (node) => node.type === 'NewExpression' && nameOf(node.callee) === 'Promise',
  );
  const fulfil = promise?.arguments[0]?.params?.[0]?.name;
  if (!fulfil || !first) return false;
  let fulfils = nameOf(first) === fulfil;
  walk(first, (node) => {
    if (node.type === 'CallExpression' && nameOf(node.callee) === fulfil) fulfils = true;
  });
  return fulfils;
}

function silentGaps(source) {
  const only = source.calls.filter(({ name }) =>
    /^(it|test|describe|suite)(\.\w+)*\.only$|^(fit|fdescribe)$/.test(name),
  );
  const skipped = source.calls.filter(
    ({ name, node, line }) => leftOut.test(name) && !hasReason(source, node, line),
  );
  return [
    ...only.map(({ line }) =>
      finding({ path: source.path, line }, 'test/only', 'runs this test alone', 'remove .only'),
    ),
    ...skipped.map(({ line, name }) =>
      finding(
        { path: source.path, line },
        'test/skip',
        `${name} without a reason`,
        'run it, or say why in a comment "reason: …" above',
      ),
    ),
  ];
}

/** A reason is a comment on this line or the one above, or Playwright's second argument. */
function hasReason({ comments, lineOf }, { arguments: [first, second] }, line) {
  if (first?.type !== 'Literal' && typeof second?.value === 'string') return true;
  return comments.some(
    ({ value, end }) => /reason:\s*\S+/.test(value) && [line, line - 1].includes(lineOf(end)),
  );
}

function longTests(source, most) {
  const found = [];
  walk(source.program, (node) => {
    if (node.type !== 'CallExpression' || !/^(it|test)(\.|$)/.test(testName(node.callee))) return;
    const body = node.arguments.find(({ type }) => /Function/.test(type));
    if (!body || /^test\.(describe|extend)/.test(testName(node.callee))) return;
    const first = source.lineOf(body.body.start);
    const lines = countLines(source, first, source.lineOf(body.end)) - 2;
    if (lines > most) found.push({ line: source.lineOf(node.start), lines });
  });
  return found.map(({ line, lines }) =>
    finding(
      { path: source.path, line },
      'test/length',
      `a test of ${lines} lines, at most ${most}`,
      'one behaviour a test',
    ),
  );
}

/** Also `it.each(table)('title', …)`. */
const testName = (callee) => nameOf(callee) || nameOf(callee.callee ?? callee.tag);

function forgottenNotes(source) {
  return source.comments
    .filter(({ value }) => /\b(TODO|FIXME|XXX|HACK)\b(?!\s*\(?#\d+)/.test(value))
    .map(({ start }) =>
      finding(
        { path: source.path, line: source.lineOf(start) },
        'shape/todo',
        'a note without an issue',
        'do it, or name the issue: TODO(#12)',
      ),
    );
}
