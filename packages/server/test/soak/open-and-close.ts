/** Sessions that open and end in every way, and what the process of the proxy has left of them: nothing. */
import { createRandom, type SeededRandom } from '../support/seeded-random.ts';
import {
  createSessionClient,
  type SessionClient,
  type SessionClientOptions,
} from '../support/session-client.ts';
import type { FarEnd } from '../support/far-end.ts';
import type { UpstreamAnswer } from '../support/lean-upstream.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { dialAndLeave, DialRefused } from '../support/wire-dial.ts';
import type { PeerListener } from '../support/wire-peer.ts';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { inLanes } from './limits.ts';
import { Findings, type SoakOutcome, secondsSince } from './outcome.ts';
import type { Measure, ProxyFork } from './proxy-fork.ts';
import { type SoakPlace, startTarget, type Target } from './target.ts';
import { withCleanup } from './with-cleanup.ts';

export interface OpenAndCloseSize {
  readonly sessions: number;
  readonly warmUp: number;
  readonly lanes: number;
  readonly mode: 'plain' | 'session';
}

/** What the heap may keep: a little for each session, and room for what the engine itself learns meanwhile. */
const HEAP_BYTES_EACH = 200;
const HEAP_BYTES_FLOOR = 400_000;
const SETTLE_MS = 20_000;

type Way = (tools: Tools, tag: string) => Promise<void>;

interface Tools {
  readonly target: Target;
  readonly random: SeededRandom;
  /** A new client, connected. */
  open(tag: string): Promise<SessionClient>;
  client(tag: string, token?: string): SessionClient;
}

const greeting = { kind: 'text', payload: Buffer.from('{"type":"KeepAlive"}') } as const;

/** Ways to end, by the first word of the tag: the upstream acts by it. */
const WAYS: Readonly<Record<string, Way>> = {
  async close({ open }, tag) {
    const client = await open(tag);
    await client.send(greeting);
    await client.waitForReceived(1);
    await client.close(NORMAL_CLOSURE, 'done');
  },
  async upstream({ open }, tag) {
    const client = await open(tag);
    await client.send(greeting);
    await client.closed();
  },
  async vanish({ open }, tag) {
    const client = await open(tag);
    await client.send(greeting);
    await client.closed();
  },
  async reset({ open }, tag) {
    const client = await open(tag);
    await client.send(greeting);
    client.cut();
  },
  async end({ open }, tag) {
    const client = await open(tag);
    client.endStream();
  },
  async refused({ client }, tag) {
    // Told over the socket, so the upgrade itself succeeds.
    const told = client(tag, 'not-a-token');
    await told.connect().catch(() => undefined);
    if (told.state === 'open') await told.closed();
    told.destroy();
  },
  async unknown({ target }) {
    await dialAndLeave({ port: target.port, target: '/nowhere' }, 'answered');
  },
  async unreachable({ client }, tag) {
    const told = client(tag);
    await told.connect().catch((error: unknown) => {
      if (error instanceof DialRefused) throw error;
    });
    if (told.state === 'open') await told.closed();
    told.destroy();
  },
  async leave({ target, random }, tag) {
    const moment = random.chance(0.5) ? 'connected' : 'requested';
    await dialAndLeave({ port: target.port, target: target.pathOf(tag) }, moment);
  },
};

export async function openAndClose(place: SoakPlace, size: OpenAndCloseSize): Promise<SoakOutcome> {
  const startMs = Date.now();
  const target = await startTarget(place, {
    limits: { closeTimeoutMs: 1_000, ...(size.mode === 'session' ? { resumeHoldMs: 200 } : {}) },
    answerOf: (tag): UpstreamAnswer =>
      tag.startsWith('leave') ? 'hold' : tag.startsWith('unreachable') ? 'refuse' : 'open',
    onSession: actByTag,
  });
  const { proxy } = target;
  if (!proxy) throw new Error('leaks are measured of the proxy only');
  const idle = await proxy.measure(true);
  await sessions({ place, target, size, count: size.warmUp, first: 0 });
  const before = await settled(target, proxy, idle.counts);
  await sessions({ place, target, size, count: size.sessions, first: size.warmUp });
  const after = await settled(target, proxy, idle.counts);
  return outcomeOf({ size, target, idle, before, after, seconds: secondsSince(startMs) });
}

interface Batch {
  readonly place: SoakPlace;
  readonly target: Target;
  readonly size: OpenAndCloseSize;
  readonly count: number;
  readonly first: number;
}

async function sessions({ place, target, size, count, first }: Batch): Promise<void> {
  const random = createRandom(place.seed).fork(`batch ${first}`);
  const names = Object.keys(WAYS);
  const numbers = Array.from({ length: count }, (_, index) => first + index);
  await inLanes(size.lanes, numbers, async (number) => {
    // Every way as often, whatever the seed.
    const name = names[number % names.length] as string;
    try {
      await withCleanup(async (test) =>
        WAYS[name]?.(toolsOf({ target, random, test, mode: size.mode }), `${name}-${number}`),
      );
    } catch (error) {
      throw new Error(`${name}-${number}: ${String(error)}`, { cause: error });
    }
  });
}

interface ToolParts {
  readonly target: Target;
  readonly random: SeededRandom;
  readonly test: TestCleanup;
  readonly mode: SessionClientOptions['mode'];
}

function toolsOf({ target, random, test, mode }: ToolParts): Tools {
  const client = (tag: string, token?: string): SessionClient =>
    createSessionClient(test, { port: target.port, mode, target: () => target.pathOf(tag, token) });
  return {
    target,
    random,
    client,
    async open(tag) {
      const opened = client(tag);
      await opened.connect();
      return opened;
    },
  };
}

/** Greets, and ends after the first message where its tag says so. */
function actByTag(far: FarEnd, tag: string): void {
  void far.send(greeting);
  const listener: PeerListener = {
    onMessage() {
      if (tag.startsWith('upstream')) far.close(4321, 'over');
      if (tag.startsWith('vanish')) far.cut();
    },
  };
  far.listener = listener;
}

/** The proxy's numbers once both sides count as before, or when they have had their time. */
async function settled(target: Target, proxy: ProxyFork, counts: Measure['counts']): Promise<Measure> {
  const endMs = Date.now() + SETTLE_MS;
  for (;;) {
    const measure = await proxy.measure();
    const isAsBefore = differences(counts, measure.counts).length === 0 && target.upstreamConnections() === 0;
    if (isAsBefore || Date.now() > endMs) return proxy.measure(true);
  }
}

function differences(before: Measure['counts'], after: Measure['counts']): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => (before[name] ?? 0) !== (after[name] ?? 0))
    .map((name) => `${name}: ${before[name] ?? 0} before, ${after[name] ?? 0} after`);
}

interface Facts {
  readonly size: OpenAndCloseSize;
  readonly target: Target;
  /** Before any session, after the warm-up and at the end. */
  readonly idle: Measure;
  readonly before: Measure;
  readonly after: Measure;
  readonly seconds: number;
}

function outcomeOf({ size, target, idle, before, after, seconds }: Facts): SoakOutcome {
  const findings = new Findings();
  const grown = after.heapUsed - before.heapUsed;
  const most = HEAP_BYTES_FLOOR + HEAP_BYTES_EACH * size.sessions;
  findings.list.push(...differences(idle.counts, after.counts));
  findings.expect(grown <= most, `the heap grew by ${grown} bytes, at most ${most} are allowed`);
  const left = target.upstreamConnections();
  findings.expect(left === 0, `${left} upstream connections are left`);
  const started = after.causes['session started'] ?? 0;
  return {
    scenario: `open-and-close (${size.mode})`,
    violations: findings.list,
    numbers: {
      sessions: size.sessions,
      started,
      heapBytesEach: Math.round(grown / size.sessions),
      heapKilobytes: Math.round(grown / 1000),
      resources: Object.values(after.counts).reduce((sum, count) => sum + count, 0),
      seconds,
    },
  };
}
