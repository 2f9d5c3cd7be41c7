/** The shape of files: how long they are on the whole, how they open, what they are called, that nothing is exported as default. */
import { basename, dirname } from 'node:path';
import { finding, isTestCode } from './findings.mjs';
import { countLines } from './source.mjs';

export function shapeFindings(sources, { lengths, measured, emptyWords }) {
  const own = sources.filter(({ path }) => !isTestCode(path) && !/\.config\.(ts|mjs)$/.test(path));
  return [
    ...measured.flatMap((root) => lengthFindings(root, own, lengths)),
    ...own.flatMap(opening),
    ...sources.flatMap((source) => naming(source, emptyWords)),
    ...sources.flatMap(defaultExport),
    ...sources.flatMap(unreadable),
  ];
}

function lengthFindings(root, own, { median, ninetiethPercentile }) {
  const sized = own
    .filter(({ path }) => path.startsWith(root))
    .map((source) => ({ source, lines: countLines(source) }))
    .toSorted((a, b) => a.lines - b.lines);
  return [
    { share: 0.5, most: median, name: 'the median' },
    { share: 0.9, most: ninetiethPercentile, name: 'the ninetieth percentile' },
  ].flatMap(({ share, most, name }) => {
    const at = sized[Math.ceil(sized.length * share) - 1];
    if (!at || at.lines <= most) return [];
    const wrong = `${name} of ${root} is ${at.lines} lines, at most ${most}`;
    return [
      finding(
        { path: at.source.path, line: 1 },
        'length/spread',
        wrong,
        'cut the longest files by what they leave to others',
      ),
    ];
  });
}

/** A shebang and a directive such as 'use client' may stand before the comment. */
function opening(source) {
  const directive = source.program.body.find((node) => node.directive == null);
  const first = source.comments.find(
    ({ value }) => /\w{2,} \w+/.test(value) && !/^\s*(oxlint|eslint|@ts-)/.test(value),
  );
  if (first && (!directive || first.start < directive.start)) return [];
  return [
    finding(
      { path: source.path, line: 1 },
      'shape/opening',
      'no opening comment',
      'say in a sentence what it does and what it leaves to others',
    ),
  ];
}

function naming({ path }, emptyWords) {
  const name = basename(path);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|spec|config|d))?\.(ts|tsx|mjs)$/.test(name)) {
    return [
      finding(
        { path, line: 1 },
        'shape/name',
        `${name} is not kebab-case`,
        'name it after the one thing it exports',
      ),
    ];
  }
  const words = [...name.split('.')[0].split('-'), ...dirname(path).split('/').slice(-1)];
  const empty = words.find((word) => emptyWords.test(word));
  if (!empty) return [];
  return [
    finding(
      { path, line: 1 },
      'shape/name',
      `"${empty}" says nothing`,
      'name it after the one thing it exports',
    ),
  ];
}

function defaultExport(source) {
  if (!source.exportsDefault || /\.config\.(ts|mjs)$/.test(source.path)) return [];
  return [
    finding(
      { path: source.path, line: 1 },
      'shape/default-export',
      'a default export',
      'export it by its name',
    ),
  ];
}

function unreadable(source) {
  return source.errors
    .slice(0, 1)
    .map(({ message, labels }) =>
      finding(
        { path: source.path, line: source.lineOf(labels[0]?.start ?? 0) },
        'shape/syntax',
        message,
        'mend the syntax',
      ),
    );
}
