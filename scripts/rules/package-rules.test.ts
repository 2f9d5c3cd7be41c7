/** Shows that each rule about a published package can fail. */
import { expect, test } from 'vitest';
import { packageProblems } from './package-rules.mjs';

const good = ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.cts'].map((path) => ({
  path,
  text: 'plain',
}));
const rules = {
  machinePaths: ['/home/me/clone'],
  forbidden: [{ pattern: /@voxproxy\/server/, name: 'the server' }],
};
const problems = (...more: { path: string; text: string }[]) => packageProblems([...good, ...more], rules);

test('passes a package of dist, licence and readme', () => {
  expect(problems()).toEqual([]);
});

test.each([
  ['dist/relay.test.js', 'x', 'dist/relay.test.js is not for publication'],
  ['dist/relay.ts', 'x', 'dist/relay.ts is not for publication'],
  ['src/index.js', 'x', 'src/index.js is not for publication'],
  ['dist/a.js', 'at /home/me/clone/src', 'dist/a.js contains the path /home/me/clone'],
  ['dist/a.d.ts', `from '@voxproxy/server'`, 'dist/a.d.ts contains the server: @voxproxy/server'],
])('names %s with %s', (path, text, problem) => {
  expect(problems({ path, text })).toEqual([problem]);
});

test('names what is missing', () => {
  expect(packageProblems(good.slice(0, 2), rules)).toEqual(['LICENSE is missing']);
});
