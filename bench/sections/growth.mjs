/** CPU a frame by the number of sessions, the rate in all staying the same. */
import { busyText } from './cpu.mjs';
import { closeGroups, loadRounds, openGroups, pairsOf, rowOf } from './pairs.mjs';

const contenders = new Set(['ours', 'ws-relay']);
const VOICE = { up: 640, down: 1_920 };
const SPARE_FILES = 300;

export async function measureGrowth({ rig, field, plan, say }) {
  const { sessions, ...how } = plan.growth;
  const rows = [];
  for (const count of sessions) rows.push(...(await measureCount({ rig, field, say }, count, how)));
  return rows;
}

async function measureCount({ rig, field, say }, count, { rounds, ...how }) {
  const title = `CPU/frame, ${count} sessions`;
  const pairs = pairsOf(field, ({ reference }) => [reference]).filter(({ contender }) =>
    contenders.has(contender.name),
  );
  // The load generator has a socket for each session of each contender, a contender two for each of its own.
  const needed = count * Math.max(2, pairs.length + 1) + SPARE_FILES;
  if (needed > rig.openFiles) {
    const note = `not measured: needs ${needed} open files, ${rig.openFiles} are allowed`;
    return pairs.map(({ contender }) => ({ section: 'growth', title, contender: contender.name, note }));
  }
  const groups = await openGroups(rig, pairs, { count, wish: VOICE });
  await loadRounds(rig, pairs, groups, { rounds, ...how });
  const outcomes = await closeGroups(groups);
  say(busyText(`${count} sessions`, pairs));
  return pairs.map((pair) => rowOf(pair, outcomes, { section: 'growth', title }));
}
