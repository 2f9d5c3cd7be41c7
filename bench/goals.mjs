/** The goals that measured values are held to. A value above its goal is missed; nothing here is measured. */

/** By section, contender and what it is measured against. `most` is in the unit of the row. */
export const goals = [
  { section: 'cpu', contender: 'ours', against: 'pipe', most: 1.05 },
  { section: 'cpu', contender: 'ours-tls', against: 'tls-pipe', most: 1.05 },
  { section: 'cpu', contender: 'ours-session', against: 'pipe', most: 1.15 },
  { section: 'cpu', contender: 'ours-locked', against: 'pipe', most: 1.15 },
  { section: 'cpu', contender: 'ours', against: 'nginx', part: 'half idle', most: 1.3 },
  { section: 'cpu', contender: 'ours', against: 'nginx', part: 'full', most: 1.6 },
  { section: 'connects', contender: 'ours', against: 'ws-relay', most: 0.6 },
  { section: 'latency', contender: 'ours', against: 'pipe', part: 'p50 300', most: 1.1 },
  { section: 'latency', contender: 'ours', against: 'pipe', part: 'p99 300', most: 1.2 },
  { section: 'idle', contender: 'ours', unit: 'KiB a session', most: 22 },
  { section: 'peak', contender: 'ours', unit: 'KiB over base', most: 2_048 },
];

/** The goal of a row, if it has one. */
export function goalOf({ section, contender, against, part }) {
  return goals.find(
    (goal) =>
      goal.section === section &&
      goal.contender === contender &&
      (goal.against === undefined || goal.against === against) &&
      (goal.part === undefined || goal.part === part),
  );
}
