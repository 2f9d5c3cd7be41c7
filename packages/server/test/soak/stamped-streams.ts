/** Many sessions at once under stamped traffic, with stalls and, in session mode, cuts: no frame may go wrong. */
import { createRandom, type SeededRandom } from '../support/seeded-random.ts';
import type { ReadingPace } from '../support/wire-peer.ts';
import { within } from './limits.ts';
import { type SoakOutcome, secondsSince, toMebibytes } from './outcome.ts';
import { StampedSession, type StampedPlan, type StampedReport } from './stamped-session.ts';
import { noWrongs, type Wrongs } from './stamps.ts';
import { type SoakPlace, startTarget, type Target } from './target.ts';

export interface StampedStreamsSize {
  readonly mode: 'plain' | 'session';
  readonly tls: boolean;
  readonly sessions: number;
  /** Over all sessions, both ways. */
  readonly totalBytes: number;
  readonly mostBytes: number;
  /** Cuts over all sessions; Infinity cuts for as long as there is traffic. Session mode only. */
  readonly cuts: number;
  readonly framesBetweenCuts: number;
  readonly limitMs: number;
  /** How the outcome is called. */
  readonly name: string;
}

export async function stampedStreams(place: SoakPlace, size: StampedStreamsSize): Promise<SoakOutcome> {
  const startMs = Date.now();
  const random = createRandom(place.seed);
  const sessions = new Map<string, StampedSession>();
  const target = await startTarget(place, {
    tls: size.tls,
    paceOf: (tag) => paceOf(random.fork(`upstream ${tag}`)),
    onSession: (far, tag) => sessions.get(tag)?.opened(far),
  });
  for (let number = 1; number <= size.sessions; number += 1)
    sessions.set(String(number), newSession({ place, size, target, random }, number));
  const running = Promise.all([...sessions.values()].map((session) => session.run()));
  const reports = await within(size.limitMs, 'the streams', running);
  return outcomeOf(size, reports, secondsSince(startMs));
}

interface Parts {
  readonly place: SoakPlace;
  readonly size: StampedStreamsSize;
  readonly target: Target;
  readonly random: SeededRandom;
}

function newSession({ place, size, target, random }: Parts, number: number): StampedSession {
  const plan: StampedPlan = {
    seed: place.seed,
    session: number,
    mostBytes: size.mostBytes,
    bytesEachWay: size.totalBytes / size.sessions / 2,
    cuts: size.cuts === Infinity ? Infinity : Math.ceil(size.cuts / size.sessions),
    framesBetweenCuts: size.framesBetweenCuts,
    deadlineMs: Math.min(60_000, size.limitMs / 2),
  };
  return new StampedSession(place.test, plan, {
    port: target.port,
    mode: size.mode,
    target: () => target.pathOf(String(number)),
    pace: paceOf(random.fork(`client ${number}`)),
  });
}

/** Small portions and, now and then, nothing for a while; every fourth reads as it comes. */
function paceOf(random: SeededRandom): ReadingPace | undefined {
  if (random.chance(0.25)) return undefined;
  const portionBytes = random.pick([1_024, 4_096, 16_384, 65_536]);
  return { portionBytes, stallMs: () => (random.chance(0.02) ? random.int(1, 20) : 0) };
}

function outcomeOf(
  size: StampedStreamsSize,
  reports: readonly StampedReport[],
  seconds: number,
): SoakOutcome {
  const judges = reports.flatMap(({ up, down }) => [up, down]);
  const wrongs = judges.reduce(added, noWrongs());
  const bytes = judges.reduce((sum, judge) => sum + judge.bytes, 0);
  const sum = (name: 'cuts' | 'resumes' | 'strays'): number =>
    reports.reduce((total, report) => total + report[name], 0);
  const numbers = {
    sessions: reports.length,
    mebibytes: toMebibytes(bytes),
    frames: judges.reduce((total, { frames }) => total + frames, 0),
    ...wrongs,
    ...(size.mode === 'session' ? { cuts: sum('cuts'), resumes: sum('resumes'), strays: sum('strays') } : {}),
    seconds,
  };
  const wrong = Object.entries(wrongs).filter(([, count]) => count > 0);
  const violations = wrong.map(([name, count]) => `${count} frames ${name}`);
  return {
    scenario: size.name,
    numbers,
    violations: [...violations, ...reports.flatMap((one) => one.violations)],
  };
}

const added = (sum: Wrongs, { wrongs }: { readonly wrongs: Wrongs }): Wrongs => ({
  foreign: sum.foreign + wrongs.foreign,
  lost: sum.lost + wrongs.lost,
  repeated: sum.repeated + wrongs.repeated,
  reordered: sum.reordered + wrongs.reordered,
  changed: sum.changed + wrongs.changed,
});
