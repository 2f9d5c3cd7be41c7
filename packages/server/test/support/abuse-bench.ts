/** What an abuse case attacks: a proxy with a mock upstream behind it, an injected clock, and a log that is kept. */
import { pino } from 'pino';
import { createVoiceProxy, deepgram, jwt, withoutPolicy, withPolicy } from '../../src/index.ts';
import type { MessagePolicy, MessageRules } from '../../src/index.ts';
import type { Route, VoiceProxy, VoiceProxyOptions } from '../../src/index.ts';
import type { Listening } from '../../src/http/listener.ts';
import type { MockDeepgramOptions } from '../../src/testing/mock-options.ts';
import type { MockSession } from '../../src/testing/mock-session.ts';
import type { MockUpstream } from '../../src/testing/mock-upstream.ts';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import { JWT_SECRET, makeToken, type TokenShape } from './make-token.ts';
import { type RawClient, rawUpgrade } from './raw-client.ts';
import type { RawUpgradeOptions } from './raw-request.ts';
import { MOCK_SECRET, startMock } from './start-mock.ts';
import { createTestClock, type TestClock } from './test-clock.ts';
import type { TestCleanup } from './test-cleanup.ts';

/** The route that is attacked. */
export const ROUTE = '/deepgram-proxy';
/** A route to a healthy upstream, whatever has become of the other one. */
export const HEALTHY_ROUTE = '/healthy-proxy';

/** Nothing listens on the first port of a machine; a freed one could be taken by somebody else meanwhile. */
const DEAD_URL = 'ws://127.0.0.1:1/v1/agent/converse';

/** Longer than a session may take to close. */
const CLOSE_MS = 60_000;

export interface BenchOptions {
  /** What the upstream does; `unreachable` has nobody listen. Default `echo`. */
  readonly upstream?: ScenarioChoice | 'unreachable';
  /** Options of the mock beside its scenario. */
  readonly mock?: Partial<MockDeepgramOptions>;
  /** What the attacked route wants to see of the messages. Default nothing. */
  readonly messages?: MessageRules;
  /** What is attacked in place of a Deepgram route, and where. Default that, at ROUTE. */
  readonly attacked?: { readonly path?: string; toRoute(mock: MockUpstream): Route };
  /** What messages may say on the attacked route, or what its preset says of them. Default anything, unopened. */
  readonly policy?: MessagePolicy | 'shipped';
  /** Options of the proxy that join, and replace, those of the bench. */
  readonly proxy?: Partial<Omit<VoiceProxyOptions, 'routes' | 'clock' | 'logger'>>;
}

export interface AbuseBench {
  readonly mock: MockUpstream;
  readonly proxy: VoiceProxy;
  readonly listening: Listening;
  readonly clock: TestClock;
  /** Log lines, in order. */
  readonly logs: readonly string[];
  /** Every token that `token()` has made. */
  readonly tokens: readonly string[];
  /** A token by the clock of the bench, valid unless told otherwise. */
  token(shape?: TokenShape): string;
  /** The request target of the attacked route with a valid token, or with the query given. */
  target(query?: string): string;
  /** A raw upgrade to the proxy; to the attacked route with a valid token unless told otherwise. */
  upgrade(options?: Partial<RawUpgradeOptions>): Promise<RawClient>;
  /** An upgrade for which the upstream has been dialled, whether or not that answers. */
  dial(options?: Partial<RawUpgradeOptions>): Promise<RawClient>;
  /** An upgrade that was answered, and the session that it opened: of those that nobody has taken yet, the oldest. */
  open(options?: Partial<RawUpgradeOptions>): Promise<OpenSession>;
  /** Clients of all upgrades, in order. */
  readonly clients: readonly RawClient[];
}

/** A session by its two ends. */
export interface OpenSession {
  readonly client: RawClient;
  /** The upstream's side. */
  readonly session: MockSession;
}

export async function startBench(test: TestCleanup, options: BenchOptions = {}): Promise<AbuseBench> {
  const { upstream = 'echo' } = options;
  const mock = await startMock(test, {
    scenario: upstream === 'unreachable' ? 'echo' : upstream,
    ...options.mock,
  });
  const clock = createTestClock();
  const logs: string[] = [];
  const healthy = { apiKey: MOCK_SECRET, agentUrl: mock.agentUrl, listenUrl: mock.listenUrl };
  const dead = upstream === 'unreachable' ? { agentUrl: DEAD_URL, listenUrl: DEAD_URL } : {};
  const { policy } = options;
  const plain =
    options.attacked?.toRoute(mock) ??
    refusedOverHttp(deepgram({ ...healthy, ...dead, messages: options.messages }));
  // What passes a policy is tried where there is one; all else is about bytes.
  const route = policy === 'shipped' ? plain : policy ? withPolicy(plain, policy) : withoutPolicy(plain);
  const path = options.attacked?.path ?? ROUTE;
  const proxy = createVoiceProxy({
    auth: jwt({ secret: JWT_SECRET, algorithms: ['HS256'] }),
    ...options.proxy,
    routes: { [path]: route, [HEALTHY_ROUTE]: withoutPolicy(deepgram(healthy)) },
    clock,
    // Every level and no redaction: what the proxy hands to a logger must be clean by itself.
    logger: pino({ level: 'trace' }, { write: (line: string) => void logs.push(line) }),
  });
  test.onTestFinished(() => {
    const closed = proxy.close();
    // Whoever does not read is not waited for any longer.
    clock.advance(CLOSE_MS);
    return closed;
  });
  const listening = await proxy.listen();
  return { mock, proxy, listening, clock, logs, ...createAttacker(test, { mock, listening, clock }) };
}

/** A provider whose SDK is told by status, so that both manners of refusal are attacked: the other is `?token=`'s. */
const refusedOverHttp = (route: Route): Route => ({
  ...route,
  preset: { ...route.preset, refusal: 'http', closeCodes: {} },
});

type Attacked = Pick<AbuseBench, 'mock' | 'listening' | 'clock'>;
type Attacker = Pick<AbuseBench, 'tokens' | 'clients' | 'token' | 'target' | 'upgrade' | 'dial' | 'open'>;

function createAttacker(test: TestCleanup, { mock, listening, clock }: Attacked): Attacker {
  const { port } = listening;
  const tokens: string[] = [];
  const clients: RawClient[] = [];
  const token = (shape: TokenShape = {}): string => {
    const made = makeToken({ nowMs: clock.now(), ...shape });
    tokens.push(made);
    return made;
  };
  const target = (query?: string): string => `${ROUTE}?${query ?? `token=${token()}`}`;
  const upgrade: AbuseBench['upgrade'] = async (options = {}) => {
    const client = await rawUpgrade(test, { port, target: options.target ?? target(), ...options });
    clients.push(client);
    return client;
  };
  const dial: AbuseBench['dial'] = async (options) => {
    const dials = mock.dials + 1;
    const client = await upgrade(options);
    await mock.waitForDial(dials);
    return client;
  };
  const open: AbuseBench['open'] = async (options) => {
    const client = await upgrade(options);
    await client.response();
    return { client, session: await mock.waitForSession() };
  };
  return { tokens, clients, token, target, upgrade, dial, open };
}
