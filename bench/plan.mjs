/** How much is measured, and for how long: everything within twelve minutes, or a quick look within two. */

/** Two contenders at a time: as many sessions again are on the other one. */
const full = {
  cpu: { rounds: 5, warmMs: 250, windowMs: 800, idleSessions: 75, fullSessions: 100 },
  sizes: { rounds: 3, warmMs: 200, windowMs: 700, bytes: [160, 640, 4_096, 65_536, 1_048_576] },
  growth: {
    rounds: 3,
    warmMs: 300,
    windowMs: 1_000,
    sessions: [100, 500, 1000, 2000, 5000],
    perSecond: 4_000,
  },
  latency: { rounds: 7, warmMs: 300, windowMs: 1_000, sessions: [150, 300] },
  /** What a session runs through is optimised after some four thousand of them, so the warm-up is a number of sessions. */
  connects: { rounds: 3, warmVisits: 5_000, mostWarmMs: 8_000, windowMs: 1_200, atOnce: 16 },
  idle: { few: 400, many: 4_000, rounds: 1, messages: 5 },
  peak: {
    rounds: 1,
    bytes: [12 * 1_048_576, 64 * 1_048_576],
    messages: 2,
    flood: 400 * 1_048_576,
    stallMs: 4_000,
  },
};

const quick = {
  cpu: { ...full.cpu, rounds: 2, warmMs: 200, windowMs: 500 },
  sizes: { ...full.sizes, rounds: 1, warmMs: 150, windowMs: 400, bytes: [160, 4_096, 65_536, 1_048_576] },
  growth: { ...full.growth, rounds: 1, warmMs: 200, windowMs: 600, sessions: [1000] },
  latency: { ...full.latency, rounds: 2, windowMs: 800, sessions: [300] },
  connects: { ...full.connects, rounds: 2, warmVisits: 2_000, mostWarmMs: 3_000, windowMs: 500 },
  idle: { ...full.idle, few: 200, many: 1_000 },
  peak: { ...full.peak, bytes: [12 * 1_048_576], messages: 1, stallMs: 2_000 },
};

export const sectionNames = Object.keys(full);

/**
 * Reads the command line: `--quick`, `--write`, `--only cpu,connects`, `--contenders ours,pipe`.
 * @throws Error for a section that there is not
 */
export function readPlan({ quick: isQuick = false, only }) {
  const chosen = only?.split(',') ?? sectionNames;
  const unknown = chosen.find((name) => !sectionNames.includes(name));
  if (unknown) throw new Error(`${unknown} is not a section; there are ${sectionNames.join(', ')}`);
  return {
    isQuick,
    sections: sectionNames.filter((name) => chosen.includes(name)),
    ...(isQuick ? quick : full),
  };
}
