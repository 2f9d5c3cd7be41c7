/** Every scenario at a small size, so that none is found broken on the day it is needed. */
import { expect, test } from 'vitest';
import { openAndClose } from './open-and-close.ts';
import { linesOf, type SoakOutcome } from './outcome.ts';
import { resets } from './resets.ts';
import { slowTrickle } from './slow-trickle.ts';
import { stoppedReader } from './stopped-reader.ts';
import { serversOf, useProxyFile } from './use-proxy-file.ts';

const proxyFile = useProxyFile();
const MEBIBYTE = 1_048_576;
const modes = ['plain', 'session'] as const;

function expectWell(outcome: SoakOutcome): void {
  expect(outcome.violations, linesOf(outcome)).toEqual([]);
}

test.for(modes)(
  'bounds its memory for a client that does not read (%s)',
  { timeout: 20_000 },
  async (mode, context) => {
    const size = {
      totalBytes: 48 * MEBIBYTE,
      client: 'stops',
      stallMs: 700,
      mostBytes: 40 * MEBIBYTE,
    } as const;
    expectWell(await stoppedReader({ test: context, proxyFile, seed: 1 }, { ...size, mode }));
  },
);

test.for(modes)(
  'has nothing left of sessions that ended (%s)',
  { timeout: 20_000 },
  async (mode, context) => {
    const size = { sessions: 180, warmUp: 90, lanes: 12, mode };
    expectWell(await openAndClose({ test: context, proxyFile, seed: 2 }, size));
  },
);

test.for(serversOf(proxyFile))(
  'hears truly from %s what was lost when a session could not be resumed',
  { timeout: 20_000 },
  async ([, file], context) => {
    const size = { floodBytes: 6 * MEBIBYTE, longBytes: 3 * MEBIBYTE, limitMs: 15_000 };
    expectWell(await resets({ test: context, proxyFile: file, seed: 3 }, size));
  },
);

test('passes frames in the smallest pieces and refuses absurd ones', { timeout: 20_000 }, async (context) => {
  const size = { seconds: 100, chunks: 4_096, fragments: 2_000, manyFragments: 20_000 };
  expectWell(await slowTrickle({ test: context, proxyFile, seed: 4 }, size));
});
