/** CPU a relayed frame, metering and limits on: with the core half idle, and with it full. */
import { closeGroups, loadRounds, openGroups, pairsOf, rowOf } from './pairs.mjs';

const VOICE = { up: 640, down: 1_920 };
const PER_SECOND = 50;

export async function measureCpu({ rig, field, plan, say }) {
  const { idleSessions, fullSessions, rounds, warmMs, windowMs } = plan.cpu;
  const modes = [
    {
      part: 'half idle',
      count: idleSessions,
      how: { perSecond: idleSessions * PER_SECOND, warmMs, windowMs },
    },
    { part: 'full', count: fullSessions, how: { warmMs, windowMs } },
  ];
  const rows = [];
  for (const mode of modes) rows.push(...(await measureMode({ rig, field, rounds, say }, mode)));
  return rows;
}

async function measureMode({ rig, field, rounds, say }, { part, count, how }) {
  const pairs = pairsOf(field, ({ reference, second }) => [reference, second]);
  const groups = await openGroups(rig, pairs, { count, wish: VOICE });
  await loadRounds(rig, pairs, groups, { rounds, ...how });
  const outcomes = await closeGroups(groups);
  say(busyText(`core ${part}`, pairs));
  return pairs.map((pair) =>
    rowOf(pair, outcomes, { section: 'cpu', part, title: `CPU/frame, core ${part}` }),
  );
}

/** How busy everybody was, to see whether it was the rig that was full. */
export function busyText(title, samples) {
  const range = (field) => {
    const known = samples.map((sample) => sample[field]).filter((value) => value !== undefined);
    const percent = known.map((value) => Math.round(value * 100));
    return known.length === 0 ? '-' : `${Math.min(...percent)}-${Math.max(...percent)} %`;
  };
  return `${title}: contenders busy ${range('busy')}, load ${range('loadBusy')}, upstream ${range('upstreamBusy')}`;
}
