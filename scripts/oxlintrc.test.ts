/** Shows that the limits and habits that .oxlintrc.json is trusted with are really held, and where they are lifted. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { root, run } from './steps.mjs';

const lines = (count: number, line = 'go();') => `${line}\n`.repeat(count);
const fn = (body: string, parameters = '') => `export function f(${parameters}) {\n${body}}\n`;
const nested = (depth: number): string =>
  depth === 0 ? 'go(a, b, c, d);' : `if (go()) {\n${nested(depth - 1)}\n}`;

const flagged: [rule: string, path: string, text: string][] = [
  ['max-lines', 'packages/server/src/long.ts', lines(301)],
  ['max-lines', 'packages/server/src/long.test.ts', lines(401)],
  ['max-lines-per-function', 'packages/server/src/function.ts', fn(lines(41))],
  ['max-params', 'packages/server/src/parameters.ts', fn('', 'a, b, c, d, e')],
  ['max-depth', 'packages/server/src/depth.ts', fn(nested(4))],
  ['no-default-export', 'packages/server/src/default.ts', 'export default 1;'],
  ['no-console', 'packages/client/src/console.ts', `console.log('x');`],
  ['eqeqeq', 'packages/client/src/equal.ts', 'export const a = (b: number) => b == 1;'],
  [
    'consistent-type-imports',
    'packages/client/src/types.ts',
    `import { A } from './a.ts';\nexport let a: A;`,
  ],
  [
    'no-cycle',
    'packages/client/src/one.ts',
    `import { two } from './two.ts';\nexport const one = () => two;`,
  ],
  [
    'no-cycle',
    'packages/client/src/two.ts',
    `import { one } from './one.ts';\nexport const two = () => one;`,
  ],
  ['prefer-node-protocol', 'packages/server/src/builtin.ts', `import { join } from 'path';\njoin();`],
];

const passed: [path: string, text: string][] = [
  ['packages/server/src/as-long.ts', lines(300) + lines(50, '// why') + lines(50, '')],
  ['packages/server/src/as-long.test.ts', fn(lines(390))],
  ['packages/server/src/as-deep.ts', fn(nested(3), 'a, b, c, d') + 'export const used = [1, 2];'],
  ['packages/server/src/cli/serve.ts', `console.error('x');`],
  ['vitest.config.ts', 'export default 1;'],
];

let output = '';

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oxlintrc-'));
  copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  for (const [path, text] of [...flagged.map(([, ...file]) => file), ...passed]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const config = ['-c', join(folder, '.oxlintrc.json')];
  ({ output } = await run(join(root, 'node_modules', '.bin', 'oxlint'), [
    ...config,
    '--format',
    'unix',
    folder,
  ]));
  return () => rmSync(folder, { recursive: true, force: true });
});

const linesAbout = (path: string) => output.split('\n').filter((line) => line.includes(`/${path}:`));

test.each(flagged)('%s flags %s', (rule, path) => {
  expect(linesAbout(path).join('\n')).toContain(`(${rule})`);
});

test.each(passed)('passes %s', (path) => {
  expect(linesAbout(path)).toEqual([]);
});
