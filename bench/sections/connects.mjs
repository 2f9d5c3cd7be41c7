/** Connect, one message, leave: CPU a session against the `ws` relay, paired; and sessions a second of each alone. */
import { closeGroups, isThere, pairsOf, rowOf, roundsWithin, turned } from './pairs.mjs';

const contenders = new Set([
  'pipe',
  'ours',
  'ours-messages',
  'ours-session',
  'http-proxy',
  'nginx',
  'haproxy',
]);
const REFERENCE = 'ws-relay';
const VOICE = { up: 640, down: 1_920 };
/** Before each window, so that all visitors are under way in it. */
const STARTING = { warmVisits: 50, mostWarmMs: 500 };

export async function measureConnects({ rig, field, plan }) {
  const { rounds, warmVisits, mostWarmMs, ...window } = plan.connects;
  const how = { ...window, ...STARTING };
  const pairs = pairsOf(field, () => [REFERENCE]).filter(({ contender }) => contenders.has(contender.name));
  const groups = new Map();
  const everybody = new Set(pairs.flatMap(({ contender, reference }) => [contender, reference]));
  for (const contender of everybody) groups.set(contender.name, await rig.group(contender, VOICE));
  for (const group of groups.values())
    await visit(rig, [group], { ...window, warmVisits, mostWarmMs, windowMs: 0 });
  const alone = new Map([...groups.keys()].map((name) => [name, []]));
  for (const round of roundsWithin(rounds)) {
    for (const pair of turned(pairs, round)) await visitPair(rig, pair, groups, how);
    for (const [name, group] of groups) alone.get(name).push(...(await visitAlone(rig, group, how)));
  }
  const outcomes = await closeGroups(groups);
  return [
    ...pairs.map((pair) =>
      rowOf(pair, outcomes, { section: 'connects', title: 'CPU/session, connect and leave' }),
    ),
    ...[...alone].map(([name, values]) => aloneRow(name, values, outcomes.get(name))),
  ];
}

async function visit(rig, groups, how) {
  if (!groups.every(({ contender }) => isThere(contender))) return undefined;
  const pids = groups.map(({ contender }) => contender.pids);
  return rig.load.ask('visit', { ids: groups.map(({ id }) => id), pids, ...how });
}

async function visitPair(rig, pair, groups, how) {
  const both = [groups.get(pair.contender.name), groups.get(pair.reference.name)];
  const result = await visit(rig, both, how);
  if (!result) return;
  const [own, other] = result.groups.map(({ cpuNs, sessions }) => cpuNs / sessions);
  pair.ratios.push(own / other);
  pair.values.push(own / 1000);
}

async function visitAlone(rig, group, how) {
  const result = await visit(rig, [group], how);
  return result ? [(result.groups[0].sessions * 1000) / result.windowMs] : [];
}

/** Sessions a second are not a ratio; how many there are depends on the machine. */
const aloneRow = (contender, values, outcome) => ({
  ...{ section: 'connects', part: 'alone', title: 'sessions/s, 16 at a time', contender, against: '' },
  ...{ values, unit: '/s', ...outcome, isBroken: values.length === 0 },
});
