import { expect, test } from 'vitest';
import { linesOf } from './outcome.ts';
import { stampedStreams } from './stamped-streams.ts';
import { serversOf, useProxyFile } from './use-proxy-file.ts';

const proxyFile = useProxyFile();
const SMALL = {
  sessions: 6,
  totalBytes: 4_000_000,
  mostBytes: 200_000,
  cuts: Infinity,
  framesBetweenCuts: 12,
  limitMs: 15_000,
};

test.for([
  ['plain', false],
  ['plain', true],
] as const)(
  'keeps stamped streams apart and whole (%s, tls %s)',
  { timeout: 20_000 },
  async ([mode, tls], context) => {
    const outcome = await stampedStreams(
      { test: context, proxyFile, seed: 11 },
      { ...SMALL, mode, tls, name: 'small' },
    );
    expect(outcome.violations, linesOf(outcome)).toEqual([]);
    expect(outcome.numbers).toMatchObject({ foreign: 0, lost: 0, repeated: 0, reordered: 0, changed: 0 });
  },
);

test.for(serversOf(proxyFile))(
  'keeps stamped streams whole in session mode with %s under cuts',
  { timeout: 20_000 },
  async ([, file], context) => {
    const size = { ...SMALL, mode: 'session', tls: false, name: 'small' } as const;
    const outcome = await stampedStreams({ test: context, proxyFile: file, seed: 12 }, size);
    expect(outcome.violations, linesOf(outcome)).toEqual([]);
    expect(outcome.numbers['cuts']).toBeGreaterThanOrEqual(SMALL.sessions);
  },
);

test.for(['loses', 'repeats', 'overcounts'])('sees a server that %s', async (lie, context) => {
  const size = { ...SMALL, mode: 'session', tls: false, name: 'lie', limitMs: 3_000 } as const;
  const place = { test: context, proxyFile: `fake ${lie}`, seed: 13 };
  const { violations } = await stampedStreams(place, { ...size, sessions: 2, totalBytes: 1_000_000 });
  expect(violations).not.toEqual([]);
});
