import { describe, expect, it, vi } from 'vitest';
import { runPocketSphinx } from './pocketsphinx-run.ts';

/** Runs a program made of JavaScript in place of PocketSphinx. */
const run = (program: string, limits: { deadlineMs?: number; signal?: AbortSignal } = {}) =>
  runPocketSphinx(process.execPath, ['-e', program], {
    deadlineMs: 10_000,
    signal: new AbortController().signal,
    ...limits,
  });

const FOREVER = 'setInterval(() => {}, 1000)';
const LOG = `
word                 start end   pprob ascr       lscr       lback
(NULL)               17    17    1.000 0          0          1
<sil>                18    47    1.000 -674       -337       1
turn                 48    57    1.000 -100       0          1
on                   58    67    1.000 -300       0          1
`;

describe('a run of PocketSphinx', () => {
  it('gives the words and how far they are from what was said', async () => {
    const result = await run(`console.log('turn on\\n'); console.error(${JSON.stringify(LOG)})`);
    expect(result).toEqual({ text: 'turn on', distance: 20 });
  });

  it('without words is infinitely far from anything', async () => {
    expect(await run('')).toEqual({ text: '', distance: Infinity });
  });

  it('keeps only so much of an endless output', async () => {
    const { text } = await run(`for (let i = 0; i < 64; i += 1) process.stdout.write('x'.repeat(65536))`);
    expect(text.length).toBeLessThan(1_100_000);
  });

  it('is killed by its deadline and by its signal, and is gone when that is told', async () => {
    await expect(run(FOREVER, { deadlineMs: 50 })).rejects.toThrow('SIGKILL');
    await expect(run(FOREVER, { signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow();
    const leaving = new AbortController();
    const left = run(FOREVER, { signal: leaving.signal });
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('aborted');
    // A handle ends a turn after its process.
    await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('ProcessWrap'));
  });

  it('fails when the program fails or is missing', async () => {
    await expect(run('process.exit(3)')).rejects.toThrow('ended with 3');
    const limits = { deadlineMs: 1000, signal: new AbortController().signal };
    await expect(runPocketSphinx('/nowhere/program', [], limits)).rejects.toThrow('ENOENT');
  });
});
