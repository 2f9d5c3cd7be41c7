import { readFile } from 'node:fs/promises';
import { compileFunction } from 'node:vm';
import { expect, test } from 'vitest';
import { SCENARIOS } from './index.ts';

const text = await readFile(new URL('../../../../docs/testing.md', import.meta.url), 'utf8');

type Run = () => Promise<void>;

/** The first example as a function: its imports become arguments, and its test is kept instead of run. */
async function exampleRun(): Promise<Run> {
  const [, code = ''] = /```js\n(import [\s\S]*?)```/.exec(text) ?? [];
  const tests: Run[] = [];
  const scope: Record<string, unknown> = {};
  for (const [, names = '', module = ''] of code.matchAll(/^import (.*) from '(.*)';$/gm)) {
    const found = (await import(/* @vite-ignore */ module)) as Record<string, unknown>;
    for (const name of names.matchAll(/\w+/g))
      scope[name[0]] = found[names.startsWith('{') ? name[0] : 'default'];
  }
  scope['test'] = (_title: string, run: Run): unknown => tests.push(run);
  const body = code.replaceAll(/^import .*$/gm, '');
  compileFunction(body, Object.keys(scope))(...Object.values(scope));
  const [run] = tests;
  if (!run || tests.length > 1) throw new Error(`${tests.length} tests in the example`);
  return run;
}

test('runs the example of the documentation', async () => {
  await (
    await exampleRun()
  )();
});

test('documents every scenario', () => {
  const rows = [...text.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => [
    ...cell.matchAll(/`(\w+)`/g),
  ]);
  const documented = rows.map(([, name = '']) => name);
  expect(documented).toEqual(expect.arrayContaining(Object.keys(SCENARIOS)));
});
