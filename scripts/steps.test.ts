/** Steps run real child processes; a failing, a missing and a hanging one must each be told from a good one. */
import { expect, test, vi } from 'vitest';
import { needsShell, run, runSteps } from './steps.mjs';

const node = (code: string, options = {}) => run(process.execPath, ['-e', code], options);

test('gives the output of both streams and whether the command succeeded', async () => {
  const good = await node(`console.log('out'); console.error('err')`);
  expect(good.ok).toBe(true);
  expect(good.output).toContain('out');
  expect(good.output).toContain('err');
  expect((await node('process.exit(3)')).ok).toBe(false);
});

test('tells a command that does not exist', async () => {
  const { ok, output } = await run('no-such-command-here', []);
  expect(ok).toBe(false);
  expect(output).toContain('no-such-command-here');
});

test.each([
  ['npm', 'win32', true],
  ['node_modules\\.bin\\rollup.cmd', 'win32', true],
  ['C:\\Program Files\\nodejs\\node.exe', 'win32', false],
  ['npm', 'linux', false],
] as const)('runs %s on %s by a shell: %s', (command, platform, isByShell) => {
  expect(needsShell(command, platform)).toBe(isByShell);
});

test('ends a command that hangs, and says so', async () => {
  const { ok, output } = await node('setInterval(() => {}, 1000)', { limitMs: 300 });
  expect(ok).toBe(false);
  expect(output).toContain('not done after 0.3 s');
});

test('keeps the order of the steps and shows the output of the failing one only', async ({
  onTestFinished,
}) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  const step = (ok: boolean, output: string) => () => Promise.resolve({ ok, output });
  const results = await runSteps(
    [
      ['a', step(true, 'quiet')],
      ['b', step(false, 'loud')],
    ],
    2,
  );
  expect(results.map(({ name, ok }) => [name, ok])).toEqual([
    ['a', true],
    ['b', false],
  ]);
  const shown = log.mock.calls.join('\n');
  expect(shown).toContain('loud');
  expect(shown).not.toContain('quiet');
});
