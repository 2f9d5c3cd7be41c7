/**
 * An upstream that sends as much as it can to a client that has stopped reading: the proxy's memory must stay bounded, and the
 * session must end as stalled in time. In session mode also with a client that is gone and does not come back.
 */
import { Changes } from '../../src/testing/changes.ts';
import type { FarEnd } from '../support/far-end.ts';
import { createSessionClient, type SessionClient } from '../support/session-client.ts';
import { untilStill } from './limits.ts';
import { Findings, type SoakOutcome, secondsSince, toMebibytes } from './outcome.ts';
import type { Measure } from './proxy-fork.ts';
import { type SoakPlace, startTarget, type Target } from './target.ts';

export interface StoppedReaderSize {
  readonly totalBytes: number;
  readonly mode: 'plain' | 'session';
  /** `stops` stays connected and does not read; `vanishes` is gone (session mode only). */
  readonly client: 'stops' | 'vanishes';
  readonly stallMs: number;
  /** The most that the proxy's memory may grow by. */
  readonly mostBytes: number;
}

const FRAME = { kind: 'binary', payload: Buffer.alloc(65_536, 3) } as const;
const CLOSE_MS = 2_000;
const STILL_MS = 300;
/** For timers, and for a busy machine. */
const GRACE_MS = 4_000;

/** The provider's side, with what was sent and when it ended. */
interface Far {
  sent: number;
  goneMs: number;
  readonly changes: Changes;
  end: FarEnd | undefined;
}

export async function stoppedReader(place: SoakPlace, size: StoppedReaderSize): Promise<SoakOutcome> {
  const startMs = Date.now();
  const far: Far = { sent: 0, goneMs: 0, changes: new Changes(), end: undefined };
  const { stallMs } = size;
  const target = await startTarget(place, {
    limits: {
      stallTimeoutMs: stallMs,
      closeTimeoutMs: CLOSE_MS,
      ...(size.client === 'vanishes' ? { resumeHoldMs: stallMs } : {}),
    },
    onSession: (end) => opened(far, end),
  });
  const client = createSessionClient(place.test, {
    port: target.port,
    mode: size.mode,
    target: () => target.pathOf('1'),
    keepsJournals: false,
  });
  await client.connect();
  await far.changes.wait({ probe: () => far.end, what: () => 'the upstream to be dialled' });
  return measured({ target, client, far, size, startMs });
}

function opened(far: Far, end: FarEnd): void {
  if (far.end) return;
  far.end = end;
  end.listener = {
    onGone: () => {
      far.goneMs = Date.now();
      far.changes.notify();
    },
  };
  far.changes.notify();
}

interface Run {
  readonly target: Target;
  readonly client: SessionClient;
  readonly far: Far;
  readonly size: StoppedReaderSize;
  readonly startMs: number;
}

async function measured(run: Run): Promise<SoakOutcome> {
  const { target, client, far, size, startMs } = run;
  if (!target.proxy) throw new Error('memory is measured of the proxy only');
  const before = await target.proxy.measure(true);
  const memoryEnd = target.proxy.watchMemory();
  if (size.client === 'stops') client.pauseReading();
  else client.cut();
  const stoppedMs = Date.now();
  const sending = pour(far, size.totalBytes);
  await untilStill(() => far.sent, STILL_MS);
  const deadlineMs = size.stallMs + CLOSE_MS + GRACE_MS;
  await far.changes.wait(
    { probe: () => far.goneMs || undefined, what: () => 'the session to end' },
    { deadlineMs },
  );
  await sending;
  const growth = memoryEnd() - before.rss;
  client.destroy();
  const after = await ended(target, deadlineMs);
  return outcomeOf(run, {
    growth,
    after,
    seconds: secondsSince(startMs),
    endedAfterMs: far.goneMs - stoppedMs,
  });
}

/** Sends with respect to backpressure, as long as somebody takes it. */
async function pour(far: Far, totalBytes: number): Promise<void> {
  while (far.sent < totalBytes && far.goneMs === 0) {
    await far.end?.send(FRAME);
    far.sent += FRAME.payload.length;
  }
}

/** The proxy's numbers once it has no session and the upstream no connection. */
async function ended(target: Target, deadlineMs: number): Promise<Measure> {
  const endMs = Date.now() + deadlineMs;
  for (;;) {
    const measure = await (target.proxy as NonNullable<Target['proxy']>).measure();
    const isOver = measure.counts['sessions'] === 0 && target.upstreamConnections() === 0;
    if (isOver || Date.now() > endMs) return measure;
  }
}

interface Facts {
  readonly growth: number;
  readonly after: Measure;
  readonly seconds: number;
  readonly endedAfterMs: number;
}

function outcomeOf({ target, far, size }: Run, { growth, after, seconds, endedAfterMs }: Facts): SoakOutcome {
  const findings = new Findings();
  findings.expect(growth <= size.mostBytes, `memory grew by ${toMebibytes(growth)} MiB`);
  findings.expect(far.sent < size.totalBytes, 'the upstream was not held back');
  const connections = target.upstreamConnections();
  findings.expect(connections === 0, `${connections} upstream connections are left`);
  findings.expect(after.counts['sessions'] === 0, `${after.counts['sessions']} sessions are left`);
  findings.expect(endedAfterMs >= size.stallMs, `ended ${endedAfterMs} ms after the client stopped`);
  const causes = Object.keys(after.causes).filter((cause) => cause.startsWith('session ended'));
  if (size.client === 'stops')
    findings.expect(causes.join(', ') === 'session ended: stalled', `the log says ${causes.join(', ')}`);
  return {
    scenario: `stopped-reader (${size.mode}, ${size.client})`,
    violations: findings.list,
    numbers: {
      grownMebibytes: toMebibytes(growth),
      takenMebibytes: toMebibytes(far.sent),
      endedAfterMs,
      log: causes.join(', ').replaceAll(' ', '-'),
      seconds,
    },
  };
}
