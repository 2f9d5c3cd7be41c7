import { readFile } from 'node:fs/promises';
import { compileFunction } from 'node:vm';
import { expect, test } from 'vitest';
import * as server from '../../index.ts';
import { PRESETS } from '../presets/index.ts';

const text = await readFile(new URL('../../../../../docs/policy.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = '']) => code);

test.each(examples)('runs an example of the documentation: %#', async (code) => {
  const body = code.replaceAll(/^import .*$/gm, '');
  await (compileFunction(
    `return (async () => {${body}})()`,
    Object.keys(server),
  )(...Object.values(server)) as Promise<void>);
});

test('documents every field that can be locked', () => {
  const rows = [...text.matchAll(/^\| `(\w+_POLICY)` +\| (.*?) +\|$/gm)].map(([, , cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  const [deepgram, openai, same, ...others] = rows;
  expect(same).toEqual([]);
  expect([deepgram, openai, openai, ...others]).toEqual(
    PRESETS.flatMap(({ policy }) => (policy ? [Object.keys(policy.fields ?? {})] : [])),
  );
});
