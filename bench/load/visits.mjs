/** Connect, send one message, take its answer, leave: as many visits at once as told, for a while. */
import { setTimeout as after } from 'node:timers/promises';
import { cpuOf } from '../rig/cpu-time.mjs';
import { nowUs } from './load-session.mjs';

const ANSWER_MS = 3_000;

/**
 * @param groups to which sessions are opened
 * @param {{ pids: number[][], atOnce: number, warmVisits: number, mostWarmMs: number, windowMs: number }} how
 *   the window begins when every group has had `warmVisits`, or after `mostWarmMs`
 */
export async function visitGroups(groups, { pids, atOnce, warmVisits, mostWarmMs, windowMs }) {
  const done = groups.map(() => 0);
  const state = { isOver: false };
  const visitor = async (group, index) => {
    while (!state.isOver) {
      await visit(group);
      done[index] += 1;
    }
  };
  const snapshot = () => ({
    atMs: performance.now(),
    counts: done.map((sessions, index) => ({ sessions, cpuNs: cpuOf(pids[index]) })),
  });
  const visitors = groups.flatMap((group, index) =>
    Array.from({ length: atOnce }, () => visitor(group, index)),
  );
  const deadline = performance.now() + mostWarmMs;
  while (done.some((visits) => visits < warmVisits) && performance.now() < deadline) await after(5);
  const before = snapshot();
  await after(windowMs);
  const behind = snapshot();
  state.isOver = true;
  await Promise.all(visitors);
  return {
    windowMs: behind.atMs - before.atMs,
    groups: behind.counts.map(({ sessions, cpuNs }, index) => ({
      sessions: sessions - before.counts[index].sessions,
      cpuNs: cpuNs - before.counts[index].cpuNs,
    })),
  };
}

async function visit(group) {
  const session = group.create();
  const refusal = await session.open();
  if (refusal) {
    group.faults.refused += 1;
    group.note = refusal;
    // A contender that refuses at once must not be asked in a tight loop.
    await after(20);
    return;
  }
  if (!(await answerOf(session))) group.faults.lost += 1;
  if (!(await session.leave())) {
    group.faults.ended += 1;
    group.note = 'no end to the closing handshake';
  }
}

function answerOf(session) {
  return new Promise((resolve) => {
    const limit = setTimeout(() => resolve(false), ANSWER_MS);
    session.onAnswer = () => {
      clearTimeout(limit);
      resolve(true);
    };
    session.send(nowUs());
  });
}
