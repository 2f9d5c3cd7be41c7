import { expect, test } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { RUBBISH } from '../../src/testing/scenarios/payloads.ts';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import { OPCODES } from '../../src/testing/wire-frames.ts';
import { type AbuseBench, startBench } from '../support/abuse-bench.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import { expectWire, type WireOutcome } from '../support/wire-outcome.ts';

const CLOSE_MS = 5_000;

/** Until the time for closing is over the peer that stays keeps its session; then nothing of the session is left. */
async function expectGoneInTime(bench: AbuseBench): Promise<unknown> {
  bench.clock.advance(CLOSE_MS - 1);
  expect(bench.proxy.sessions).toBe(1);
  bench.clock.advance(1);
  await bench.proxy.drain();
  await eventually(
    () => bench.clock.pending() === 0,
    () => 'the timers of the proxy to end',
  );
  expect(bench.logs.filter((line) => line.includes('session ended'))).toHaveLength(1);
  return JSON.parse(bench.logs.at(-1) ?? '');
}

interface Leaving {
  readonly title: string;
  readonly leave: (client: RawClient) => void;
  /** What the upstream is told, at once. */
  readonly upstream: { readonly code: number; readonly reason: string };
  /** How the proxy has answered the client. */
  readonly answer: { readonly code: number; readonly reason: string };
  readonly log: { readonly cause: string; readonly code: number };
}

const { code: breachCode, word: breachWord } = CLOSE_ROWS.ProtocolError;

const leavings: Leaving[] = [
  {
    title: 'sends a close frame',
    leave: (client) => client.close(4001, 'tab closed'),
    upstream: { code: 4001, reason: 'tab closed' },
    answer: { code: 4001, reason: 'tab closed' },
    log: { cause: 'client', code: 4001 },
  },
  {
    title: 'breaks the protocol',
    leave: (client) => client.sendFrame({ opcode: OPCODES.text, payload: 'compressed?', rsv: 4 }),
    upstream: { code: NORMAL_CLOSURE, reason: '' },
    answer: { code: breachCode, reason: breachWord },
    log: { cause: breachWord, code: breachCode },
  },
];

test.for(leavings)(
  'ends the upstream at once when a client $title and keeps its connection',
  async ({ leave, upstream, answer, log }, context) => {
    const bench = await startBench(context, { upstream: 'happyTurn' });
    const client = await bench.upgrade();
    await client.waitForMessage();
    const session = await bench.mock.waitForSession();
    leave(client);
    // Who does not read does not see the proxy's end, and does not end either.
    client.pauseReading();
    expect(await session.closed).toEqual({ ...upstream, wasReset: false });
    expect(await expectGoneInTime(bench)).toMatchObject({ msg: 'session ended', ...log });
    client.resumeReading();
    expect(await client.waitForClose()).toMatchObject(answer);
    await bench.mock.waitForIdle();
  },
);

interface Staying {
  readonly title: string;
  readonly upstream: ScenarioChoice;
  readonly wire: WireOutcome;
  readonly log: { readonly cause: string; readonly code: number };
}

const stayings: Staying[] = [
  {
    title: 'sends a close frame',
    upstream: { name: 'closesButStays', code: 4000, reason: 'over', afterFrames: 1 },
    wire: { passed: { code: 4000, reason: 'over' } },
    log: { cause: 'upstream', code: 4000 },
  },
  {
    title: 'breaks the protocol',
    async upstream(session) {
      await session.waitForFrame(() => true);
      session.sendBytes(RUBBISH.reservedBits());
      session.pauseReading();
    },
    wire: { ended: 'UpstreamUnavailable' },
    log: { cause: breachWord, code: breachCode },
  },
];

test.for(stayings)(
  'tells the client at once when an upstream $title and keeps its connection',
  async ({ upstream, wire, log }, context) => {
    const bench = await startBench(context, { upstream });
    const client = await bench.upgrade();
    client.send('go');
    await expectWire(client, wire);
    expect(await expectGoneInTime(bench)).toMatchObject({ msg: 'session ended', ...log });
    bench.mock.release();
    await bench.mock.waitForIdle();
  },
);
