/**
 * The one helper for bad input: sets up a proxy and an upstream, lets the attack happen, and asserts everything that
 * must hold after every attack, whatever it was.
 */
import { expect } from 'vitest';
import { ConfigError } from '../../src/index.ts';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { type AbuseBench, type BenchOptions, HEALTHY_ROUTE, ROUTE, startBench } from './abuse-bench.ts';
import { DEFAULT_PATIENCE_MS, eventually } from './eventually.ts';
import { type ProcessWatch, watchProcess } from './process-watch.ts';
import type { RawClient } from './raw-client.ts';
import { expectNoSecret } from './secret-search.ts';
import { MOCK_SECRET } from './start-mock.ts';
import type { TestCleanup } from './test-cleanup.ts';
import { expectWire, type WireOutcome } from './wire-outcome.ts';
import { openWs, type WsClientOptions } from './ws-client.ts';

export interface AbuseCase extends BenchOptions {
  /** Does the harm, and moves the bench's clock where the case is about time. Returns the client whose wire is judged. */
  readonly attack: (bench: AbuseBench) => Promise<RawClient | void>;
  /** What that client sees. */
  readonly wire: WireOutcome;
  /** Upgrades that the upstream has seen after the attack. Default 0. */
  readonly dials?: number;
  /** True for an upstream scenario that must not be judged by its own rules, such as an attack that dials it. Default false. */
  readonly mayViolate?: boolean;
  /** Milliseconds for everything to end after the attack. Default 2000. */
  readonly patienceMs?: number;
  /** How the good client afterwards connects, where it must differ from any client. */
  readonly goodClient?: WsClientOptions;
  /** What else must hold after the attack. */
  readonly also?: (bench: AbuseBench) => void | Promise<void>;
}

/**
 * Asserts, in this order: the wire, that nothing is left open in the proxy or the upstream, that no timer is left, that
 * nothing was uncaught, the dials, that each session ended once, that a good client is served afterwards, and that the secret
 * and the tokens got nowhere.
 */
export async function runAbuseCase(test: TestCleanup, abuse: AbuseCase): Promise<void> {
  const bench = await startBench(test, abuse);
  const watch = watchProcess(test);
  const client = await abuse.attack(bench);
  await expectWire(client ?? undefined, abuse.wire);
  await expectNothingLeft(bench, watch, abuse.patienceMs);
  if (abuse.upstream !== 'unreachable') expect(bench.mock.dials, 'upstream dials').toBe(abuse.dials ?? 0);
  expectEndedOnce(bench);
  await abuse.also?.(bench);
  await expectGoodClient(test, bench, abuse);
  await expectNothingLeft(bench, watch, abuse.patienceMs);
  await expectNoLeak(bench, watch);
  if (!abuse.mayViolate) bench.mock.expectNoViolations();
}

async function expectNothingLeft(
  bench: AbuseBench,
  watch: ProcessWatch,
  patienceMs = DEFAULT_PATIENCE_MS,
): Promise<void> {
  const { mock, proxy, clock, listening } = bench;
  const until = (probe: () => boolean | Promise<boolean>, what: () => string): Promise<void> =>
    eventually(probe, what, patienceMs);
  await until(
    () => proxy.sessions === 0,
    () => `${proxy.sessions} sessions of the proxy to end`,
  );
  await mock.waitForIdle({ deadlineMs: patienceMs });
  expect(mock.sessions, 'open upstream sessions').toBe(0);
  await until(
    async () => (await connectionsOf(listening.server)) === 0,
    () => 'the connections of clients to end',
  );
  await until(
    () => clock.pending() === 0,
    () => `${clock.pending()} timers of the proxy to end`,
  );
  await watch.timersSettled(patienceMs);
  expect(watch.uncaught, 'uncaught errors').toEqual([]);
}

/** Every session that began has ended, and says so once. */
function expectEndedOnce({ logs }: AbuseBench): void {
  const idsIn = (message: string): string[] =>
    linesSaying(logs, message).map((line) => (JSON.parse(line) as { sessionId: string }).sessionId);
  expect(idsIn('session ended').toSorted(), 'sessions ended').toEqual(idsIn('session started').toSorted());
}

export const linesSaying = (logs: readonly string[], words: string): string[] =>
  logs.filter((line) => line.includes(words));

const connectionsOf = (server: AbuseBench['listening']['server']): Promise<number> =>
  new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });

async function expectNoLeak({ clients, logs, tokens, mock }: AbuseBench, watch: ProcessWatch): Promise<void> {
  for (const [index, client] of clients.entries()) {
    const place = `client ${index + 1}`;
    expectNoSecret(MOCK_SECRET, client.received, `${place}, bytes`);
    // A message in fragments, or masked, hides in the bytes.
    expectNoSecret(MOCK_SECRET, client.messages, `${place}, messages`);
    expectNoSecret(
      MOCK_SECRET,
      Buffer.concat(client.messages.map(({ payload }) => payload)),
      `${place}, all messages`,
    );
    expectNoSecret(MOCK_SECRET, (await client.waitForClose()).reason, `${place}, close reason`);
  }
  expectNoSecret(MOCK_SECRET, logs, 'logs');
  expectNoSecret(MOCK_SECRET, watch.uncaught, 'uncaught errors');
  expectNoSecret(MOCK_SECRET, mock.violations, 'violations');
  for (const [index, token] of tokens.entries()) expectNoSecret(token, logs, `token ${index + 1}, logs`);
}

/** A full conversation: open, a frame each way in each kind, and a clean end on both legs. */
async function expectGoodClient(
  test: TestCleanup,
  bench: AbuseBench,
  { upstream, messages, attacked, policy, goodClient }: AbuseCase,
): Promise<void> {
  bench.mock.setScenario('echo');
  const isOther = messages !== undefined || attacked !== undefined || policy !== undefined;
  const route = upstream === 'unreachable' || isOther ? HEALTHY_ROUTE : ROUTE;
  const url = `ws://127.0.0.1:${bench.listening.port}${route}?token=${bench.token()}`;
  const client = await openWs(test, url, goodClient);
  client.send('{"type":"Settings"}');
  client.send(Buffer.from([0, 1, 2, 3]));
  const frames = await client.waitForFrames(2);
  expect(frames).toEqual([
    { kind: 'text', payload: Buffer.from('{"type":"Settings"}') },
    { kind: 'binary', payload: Buffer.from([0, 1, 2, 3]) },
  ]);
  expect(await client.close(NORMAL_CLOSURE, 'done')).toMatchObject({ code: NORMAL_CLOSURE });
}

/** Asserts that options are refused at start with an error that names the option and tells no secret, and leave nothing. */
export function expectStartRefused(start: () => unknown, option: string, secret: string): void {
  const before = process.getActiveResourcesInfo().length;
  const error = caughtFrom(start);
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).option).toBe(option);
  expectNoSecret(secret, error, 'error');
  expect(process.getActiveResourcesInfo()).toHaveLength(before);
}

function caughtFrom(start: () => unknown): unknown {
  try {
    start();
  } catch (error) {
    return error;
  }
  return new Error('it started');
}
