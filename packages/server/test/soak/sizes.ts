/** The full sizes, as a table: what `npm run soak` runs. */
import { openAndClose } from './open-and-close.ts';
import type { SoakOutcome } from './outcome.ts';
import { resets } from './resets.ts';
import { slowTrickle } from './slow-trickle.ts';
import { stampedStreams, type StampedStreamsSize } from './stamped-streams.ts';
import { stoppedReader } from './stopped-reader.ts';
import type { SoakPlace } from './target.ts';

const MEBIBYTE = 1_048_576;
const MINUTE_MS = 60_000;

export type FullScenario = (place: SoakPlace) => Promise<SoakOutcome>;

/** A gigabyte in four quarters. */
const streams =
  (name: string, of: Pick<StampedStreamsSize, 'mode' | 'tls'>): FullScenario =>
  (place) =>
    stampedStreams(place, {
      ...of,
      name,
      sessions: 200,
      totalBytes: 256 * MEBIBYTE,
      mostBytes: 200_000,
      cuts: Infinity,
      framesBetweenCuts: 20,
      limitMs: 5 * MINUTE_MS,
    });

const stopped = { totalBytes: 400 * MEBIBYTE, stallMs: 3_000, mostBytes: 80 * MEBIBYTE } as const;
const openAndClosed = { sessions: 5_000, warmUp: 3_000, lanes: 20 } as const;

/** By name; a name that begins with `session` needs session mode. */
export const FULL_SCENARIOS: Readonly<Record<string, FullScenario>> = {
  'plain-streams': streams('stamped-streams (plain, tcp)', { mode: 'plain', tls: false }),
  'plain-streams-tls': streams('stamped-streams (plain, tls)', { mode: 'plain', tls: true }),
  'session-streams': streams('stamped-streams (session, tcp)', { mode: 'session', tls: false }),
  'session-streams-tls': streams('stamped-streams (session, tls)', { mode: 'session', tls: true }),
  'session-random-cuts': (place) =>
    stampedStreams(place, {
      name: 'random-cuts',
      mode: 'session',
      tls: false,
      sessions: 10,
      totalBytes: 0,
      mostBytes: 300_000,
      cuts: 1_000,
      framesBetweenCuts: 20,
      limitMs: 5 * MINUTE_MS,
    }),
  'session-resets': (place) =>
    resets(place, { floodBytes: 64 * MEBIBYTE, longBytes: 12 * MEBIBYTE, limitMs: MINUTE_MS }),
  'plain-stopped-reader': (place) => stoppedReader(place, { ...stopped, mode: 'plain', client: 'stops' }),
  'session-stopped-reader': (place) => stoppedReader(place, { ...stopped, mode: 'session', client: 'stops' }),
  'session-vanished-reader': (place) =>
    stoppedReader(place, { ...stopped, mode: 'session', client: 'vanishes' }),
  'plain-open-and-close': (place) => openAndClose(place, { ...openAndClosed, mode: 'plain' }),
  'session-open-and-close': (place) => openAndClose(place, { ...openAndClosed, mode: 'session' }),
  'slow-trickle': (place) =>
    slowTrickle(place, { seconds: 280, chunks: 65_536, fragments: 16_000, manyFragments: 100_000 }),
};
