/**
 * Sends at fixed times whatever comes back (open loop). Timers of Node are whole milliseconds, so short sleeps between
 * looks at the sockets stand in for them; a frame carries the time at which it was due, not the one at which it was sent.
 */
import { writeFileSync } from 'node:fs';

/** Naps delay the reading of answers, so they are shortest where round trips are timed. */
const LONGEST_NAP_MS = 0.15;
const TIMED_NAP_MS = 0.04;
/** Behind by more than this many frames, the rest waits for the next look, so that answers are read meanwhile. */
const MOST_AT_ONCE = 64;
const cell = new Int32Array(new SharedArrayBuffer(4));

/** Linux lets sleeps run over by 50 microseconds unless told otherwise. */
export function sharpenSleep() {
  try {
    writeFileSync('/proc/self/timerslack_ns', '1');
  } catch {
    // Sleeps are coarser then, for every contender alike.
  }
}

/** When frame `index` is due, and which session sends it: groups take turns, and sessions within a group. */
export function slotOf(index, groups, perSecond) {
  const group = groups[index % groups.length];
  const turn = Math.floor(index / groups.length);
  return {
    atMs: (turn * 1000 + (1000 * (index % groups.length)) / groups.length) / perSecond,
    session: group.sessions[turn % group.sessions.length],
  };
}

/**
 * @param groups each with sessions
 * @param {number} perSecond frames a second of each group
 * @param {{ isOver: () => boolean, isTimed?: boolean }} how
 * @returns {Promise<{ latestMs: number }>} how late the latest frame was sent
 */
export function sendAtPace(groups, perSecond, { isOver, isTimed = false }) {
  const napMs = isTimed ? TIMED_NAP_MS : LONGEST_NAP_MS;
  const startMs = performance.now();
  let index = 0;
  let latestMs = 0;
  const sendWhatIsDue = () => {
    for (let sent = 0; sent < MOST_AT_ONCE; sent += 1) {
      const { atMs, session } = slotOf(index, groups, perSecond);
      const lateMs = performance.now() - startMs - atMs;
      if (lateMs < 0) return -lateMs;
      latestMs = Math.max(latestMs, lateMs);
      session?.send(Math.round((startMs + atMs) * 1000) >>> 0);
      index += 1;
    }
    return 0;
  };
  return new Promise((resolve) => {
    const look = () => {
      if (isOver()) {
        resolve({ latestMs });
        return;
      }
      const waitMs = Math.min(sendWhatIsDue(), napMs);
      if (waitMs > 0.002) Atomics.wait(cell, 0, 0, waitMs);
      setImmediate(look);
    };
    look();
  });
}
