/** Loads groups for a while: warm-up, a window in which frames and CPU are counted, and the wait for what is under way. */
import { setTimeout as after } from 'node:timers/promises';
import { cpuOf } from '../rig/cpu-time.mjs';
import { percentilesOf } from '../report/statistics.mjs';
import { nowUs } from './load-session.mjs';
import { sendAtPace } from './pace.mjs';

const DRAIN_MS = 3_000;
/** Half of what servers ask for, as a careful client does. */
const ACKNOWLEDGE_EVERY_MS = 250;

const snapshot = (groups, { pids, upstreamPid }) => ({
  atMs: performance.now(),
  loadNs: cpuOf([process.pid]),
  upstreamNs: cpuOf([upstreamPid]),
  counts: groups.map((group, index) => ({ taken: group.taken, cpuNs: cpuOf(pids[index]) })),
});

/**
 * @param groups of group.mjs, each with open sessions
 * @param {{ pids: number[][], upstreamPid: number, perSecond?: number, warmMs: number, windowMs: number, isTimed?: boolean }} how
 *   without `perSecond` each session has one message under way (closed loop)
 * @returns frames relayed and CPU of each group's processes within the window
 */
export async function loadGroups(groups, how) {
  let isOver = false;
  const acknowledging = acknowledgeRegularly(groups);
  const sending = how.perSecond
    ? sendAtPace(groups, how.perSecond, { isOver: () => isOver, isTimed: how.isTimed })
    : keepOneUnderWay(groups);
  await after(how.warmMs);
  if (how.isTimed) for (const group of groups) group.latencies = [];
  const before = snapshot(groups, how);
  await after(how.windowMs);
  const behind = snapshot(groups, how);
  isOver = true;
  for (const group of groups) group.next = undefined;
  const { latestMs } = await sending;
  const latencies = groups.map((group) => group.latencies);
  for (const group of groups) group.latencies = undefined;
  await drain(groups);
  clearInterval(acknowledging);
  return toResult({ before, behind, latencies, latestMs });
}

function keepOneUnderWay(groups) {
  for (const group of groups) {
    group.next = (session) => session.send(nowUs());
    for (const session of group.sessions) session.send(nowUs());
  }
  return { latestMs: 0 };
}

function acknowledgeRegularly(groups) {
  const sessions = groups.flatMap((group) => group.sessions).filter(({ control }) => control);
  return setInterval(() => sessions.forEach((session) => session.acknowledge()), ACKNOWLEDGE_EVERY_MS);
}

/** What does not come back in time is lost. */
export async function drain(groups, limitMs = DRAIN_MS) {
  const deadline = performance.now() + limitMs;
  const isUnderWay = () => groups.some((group) => group.underWay > 0);
  while (isUnderWay() && performance.now() < deadline) await after(2);
  for (const group of groups) {
    group.faults.lost += Math.max(0, group.underWay);
    group.sent = group.taken;
  }
}

function toResult({ before, behind, latencies, latestMs }) {
  const windowNs = (behind.atMs - before.atMs) * 1e6;
  return {
    loadBusy: (behind.loadNs - before.loadNs) / windowNs,
    upstreamBusy: (behind.upstreamNs - before.upstreamNs) / windowNs,
    windowNs,
    latestMs,
    groups: behind.counts.map(({ taken, cpuNs }, index) => ({
      // Each message is relayed twice: up, and its answer down.
      frames: 2 * (taken - before.counts[index].taken),
      cpuNs: cpuNs - before.counts[index].cpuNs,
      ...(latencies[index] ? { latencyUs: percentilesOf(latencies[index], [0.5, 0.99, 0.999]) } : {}),
    })),
  };
}
