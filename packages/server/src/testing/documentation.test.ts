import { readFile } from 'node:fs/promises';
import { compileFunction } from 'node:vm';
import { expect, test } from 'vitest';
import { SCENARIOS } from './index.ts';
import { VENDORS } from './vendors/index.ts';

const docs = new URL('../../../../docs/', import.meta.url);
const mocks = await readFile(new URL('mock-upstreams.md', docs), 'utf8');
const testing = await readFile(new URL('testing.md', docs), 'utf8');

type Run = () => Promise<void>;

/** An example as a function: its imports become arguments, and what it gives to `test` is run after it. */
async function exampleRun(code: string): Promise<Run> {
  const tests: Run[] = [];
  const scope: Record<string, unknown> = {};
  for (const [, names = '', module = ''] of code.matchAll(/^import (.*) from '(.*)';$/gm)) {
    const found = (await import(/* @vite-ignore */ module)) as Record<string, unknown>;
    for (const name of names.matchAll(/\w+/g))
      scope[name[0]] = found[names.startsWith('{') ? name[0] : 'default'];
  }
  scope['test'] = (_title: string, run: Run): unknown => tests.push(run);
  const body = `return (async () => {${code.replaceAll(/^import .*$/gm, '')}})();`;
  const start = compileFunction(body, Object.keys(scope)) as (...values: unknown[]) => Promise<void>;
  return async () => {
    await start(...Object.values(scope));
    for (const run of tests) await run();
  };
}

/** Every example of a page under the heading that it stands below. */
function examplesOf(page: string): (readonly [string, string])[] {
  return page.split(/^#+ /m).flatMap((section) => {
    const [title = ''] = section.split('\n');
    return [...section.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => [title, code] as const);
  });
}

test.for([...examplesOf(testing), ...examplesOf(mocks)])('runs the example of "%s"', async ([, code]) => {
  await (
    await exampleRun(code)
  )();
});

/** The names in code in the first cell of each row below a heading. */
function firstCells(heading: string): string[] {
  const [, section = ''] = mocks.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  );
}

test('documents every scenario', () => {
  expect(firstCells('Scenarios').sort()).toEqual(Object.keys(SCENARIOS).sort());
});

test('documents every service of every vendor as it is', () => {
  const rows = Object.entries(VENDORS).flatMap(([vendor, { services, slots }]) =>
    Object.entries(services).map(([name, rules]) => {
      const ask = rules.kind === 'upgrade' ? 'WebSocket' : rules.method;
      const names = [...rules.slots, ...(rules.slotsOnRequest ?? []).map((slot) => `(${slot})`)];
      const taken = names.map((slot) =>
        slots[slot as keyof typeof slots]?.takes.join() === 'issued' ? `${slot}, issued` : slot,
      );
      return `| \`${vendor}\` | \`${name}\` | ${ask} \`${rules.path}\` | ${taken.join('; ')} |`;
    }),
  );
  const written = mocks.replaceAll(/ +\|/g, ' |').replaceAll(/\| +/g, '| ');
  for (const row of rows) expect(written).toContain(row);
});
