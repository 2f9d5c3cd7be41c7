import { expect, test } from 'vitest';
import { CLOSE_ROWS, NO_STATUS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import { type AbuseBench, startBench } from '../support/abuse-bench.ts';
import type { RawClient } from '../support/raw-client.ts';
import { expectWire, type WireOutcome } from '../support/wire-outcome.ts';

/** The last line of the log, once every session has ended. */
async function endLine(bench: AbuseBench): Promise<unknown> {
  await bench.proxy.drain();
  return JSON.parse(bench.logs.at(-1) ?? '');
}

/** An open session whose greeting has come, so that nothing is on its way. */
async function openSession(bench: AbuseBench): Promise<RawClient> {
  const client = await bench.upgrade();
  await client.waitForMessage();
  return client;
}

const fromClient: [code: number | undefined, reason: string][] = [
  [NORMAL_CLOSURE, 'done'],
  [NORMAL_CLOSURE, ''],
  [1001, 'tab closed'],
  [CLOSE_ROWS.TooLarge.code, 'too much for me'],
  [3000, 'of a library'],
  [4000, 'ä'.repeat(61)],
  [4999, 'of an application'],
  [undefined, ''],
];

test.for(fromClient)('passes the close %s "%s" of the client on to the upstream', async (row, context) => {
  const [code, reason] = row;
  const bench = await startBench(context, { upstream: 'happyTurn' });
  const client = await openSession(bench);
  const session = await bench.mock.waitForSession();
  client.close(code, reason);
  const passed = { code: code ?? NO_STATUS, reason };
  expect(await session.closed).toEqual({ ...passed, wasReset: false });
  expect(await client.waitForClose()).toMatchObject(passed);
  expect(await endLine(bench)).toMatchObject({ msg: 'session ended', cause: 'client', code: passed.code });
});

const vanishings: [how: string, vanish: (client: RawClient) => void][] = [
  ['resets its connection', (client) => client.reset()],
  ['ends its connection without a close frame', (client) => client.endStream()],
];

test.for(vanishings)('ends the upstream normally when the client %s', async ([, vanish], context) => {
  const bench = await startBench(context, { upstream: 'happyTurn' });
  const client = await openSession(bench);
  const session = await bench.mock.waitForSession();
  vanish(client);
  expect(await session.closed).toEqual({ code: NORMAL_CLOSURE, reason: '', wasReset: false });
  expect(await endLine(bench)).toMatchObject({ cause: 'client', code: 1006 });
});

interface Ending {
  readonly title: string;
  readonly upstream: ScenarioChoice;
  readonly wire: WireOutcome;
  readonly log: { readonly cause: string; readonly code: number };
}

const passes = (code: number, reason: string, shown = reason): Ending => ({
  title: `closes with ${code} "${reason}"`,
  upstream: { name: 'closeWith', code, reason, afterFrames: 1 },
  wire: { passed: { code, reason: shown } },
  log: { cause: 'upstream', code },
});

const fromUpstream: Ending[] = [
  passes(NORMAL_CLOSURE, 'bye'),
  passes(1001, ''),
  passes(CLOSE_ROWS.PolicyViolation.code, 'inappropriate content'),
  passes(CLOSE_ROWS.Internal.code, 'NET-0001: no audio came'),
  passes(CLOSE_ROWS.Draining.code, 'service restart'),
  passes(1014, 'bad gateway'),
  passes(3999, 'of a library'),
  passes(4000, 'ä'.repeat(61)),
  passes(4000, 'ask help.provider.example:443 why', 'ask … why'),
  {
    title: 'closes without a code',
    upstream: { name: 'closeWith', code: 'none', afterFrames: 1 },
    wire: { passed: { code: NO_STATUS, reason: '' } },
    log: { cause: 'upstream', code: NO_STATUS },
  },
  {
    title: 'resets its connection',
    upstream: async (session) => {
      await session.waitForFrame(() => true);
      session.destroy();
    },
    wire: { ended: 'UpstreamUnavailable' },
    log: { cause: 'upstream', code: 1006 },
  },
  {
    title: 'ends its connection without a close frame',
    upstream: { name: 'halfClose', afterFrames: 1 },
    wire: { ended: 'UpstreamUnavailable' },
    log: { cause: 'upstream', code: 1006 },
  },
];

test.for(fromUpstream)(
  'tells the client when the upstream $title',
  async ({ upstream, wire, log }, context) => {
    const bench = await startBench(context, { upstream });
    const client = await bench.upgrade();
    client.send('go');
    await expectWire(client, wire);
    await bench.mock.waitForIdle();
    expect(await endLine(bench)).toMatchObject({ msg: 'session ended', ...log });
    expect(bench.clock.pending()).toBe(0);
  },
);

test('lets the first of two closes count when both sides close at once', async (context) => {
  const bench = await startBench(context, {
    async upstream(session) {
      await session.waitForFrame(() => true);
      session.close(4001, 'mine');
    },
  });
  const client = await bench.upgrade();
  client.send('go');
  client.close(4002, 'no, mine');
  const session = await bench.mock.waitForSession();
  await client.waitForClose();
  await session.closed;
  await bench.proxy.drain();
  expect(bench.logs.filter((line) => line.includes('session ended'))).toHaveLength(1);
});

test('destroys the connection of a client that never answers a close', async (context) => {
  const bench = await startBench(context, {
    upstream: { name: 'closeWith', code: 4000, reason: 'over', afterFrames: 1 },
  });
  const client = await bench.upgrade({ answersClose: false });
  client.send('go');
  expect(await client.waitForCloseFrame()).toMatchObject({ code: 4000 });
  await bench.mock.waitForIdle();
  expect(bench.proxy.sessions).toBe(1);
  bench.clock.advance(5_000);
  await client.waitForClose();
  await bench.proxy.drain();
  expect(bench.clock.pending()).toBe(0);
});
