/**
 * Round trips of talking sessions through each contender alone, as ratio to the bare pipe in the same round. The row
 * `direct` has nothing between load and upstream: where it is slow, it is the rig that is full.
 */
import { spreadOf } from '../report/statistics.mjs';
import { busyText } from './cpu.mjs';
import { closeGroups, isThere, roundsWithin, turned } from './pairs.mjs';

const contenders = ['pipe', 'ours', 'ours-messages', 'ws-relay', 'nginx'];
const VOICE = { up: 640, down: 1_920 };
const PER_SECOND = 50;
const FIRST_MS = 200;
const parts = ['p50', 'p99', 'p99.9'];

export async function measureLatency({ rig, field, plan, say }) {
  const rows = [];
  for (const sessions of plan.latency.sessions)
    rows.push(...(await measureSessions({ rig, field, say, plan: plan.latency }, sessions)));
  return rows;
}

async function measureSessions({ rig, field, say, plan }, sessions) {
  const { rounds, warmMs, windowMs } = plan;
  const how = { perSecond: sessions * PER_SECOND, warmMs, windowMs, isTimed: true };
  const runners = [rig.direct, ...contenders.map((name) => field.get(name))].filter(isThere);
  const groups = new Map();
  for (const contender of runners) {
    const group = await rig.group(contender, VOICE);
    groups.set(contender.name, Object.assign(group, await group.open(sessions)));
  }
  const samples = [];
  // The first round only lets the rig's own code be compiled; each later one begins with another contender.
  await measureRound(rig, [...groups], { ...how, windowMs: FIRST_MS });
  for (const round of roundsWithin(rounds))
    samples.push(await measureRound(rig, turned([...groups], round), how));
  const outcomes = await closeGroups(groups);
  say(rigText(`${sessions} talking sessions`, samples));
  return runners.flatMap(({ name }) => rowsOf({ name, sessions }, samples, outcomes.get(name)));
}

async function measureRound(rig, groups, how) {
  const sample = new Map();
  for (const [name, group] of groups) {
    if (group.refusal || !isThere(group.contender)) continue;
    const { windowNs, groups: results, ...busy } = await rig.loadGroups([group], how);
    const [{ latencyUs, cpuNs }] = results;
    sample.set(name, { us: latencyUs, busy: name === 'direct' ? undefined : cpuNs / windowNs, ...busy });
  }
  return sample;
}

function rigText(title, samples) {
  const all = samples.flatMap((sample) => [...sample.values()]);
  const late = spreadOf(all.map(({ latestMs }) => latestMs)).median;
  return `${busyText(title, all)}; latest frame sent ${late?.toFixed(1)} ms late (median)`;
}

function rowsOf({ name, sessions }, samples, outcome) {
  const isFloor = name === 'pipe' || name === 'direct';
  return parts.map((percentile, index) => {
    const us = (sample, of) => sample.get(of)?.us[index];
    const values = samples.flatMap((sample) => us(sample, name) ?? []);
    const both = samples.filter((sample) => !isFloor && us(sample, name) && us(sample, 'pipe'));
    const ratios = both.map((sample) => us(sample, name) / us(sample, 'pipe'));
    return {
      ...{ section: 'latency', part: `${percentile} ${sessions}`, contender: name },
      ...{ title: `round trip ${percentile}, ${sessions} sessions`, ratios, values, unit: 'us' },
      ...(isFloor ? {} : { against: 'pipe' }),
      ...{ ...outcome, isBroken: values.length === 0 },
    };
  });
}
