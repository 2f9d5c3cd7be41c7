/** Memory of processes as the kernel counts it, its peak, and how to begin a new peak. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';

function kibibytes(pid, field) {
  try {
    const line = readFileSync(`/proc/${pid}/status`, 'latin1').match(
      new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'),
    );
    return Number(line?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const sum = (pids, field) => pids.reduce((total, pid) => total + kibibytes(pid, field), 0);

/** KiB. */
export const residentOf = (pids) => sum(pids, 'VmRSS');
export const peakOf = (pids) => sum(pids, 'VmHWM');

/** proc(5): 5 sets the peak back to what is resident now. @returns {boolean} whether that is possible here */
export function resetPeak(pids) {
  try {
    for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return true;
  } catch {
    return false;
  }
}

/** Waits until the resident size stands still, or the time is over. */
export async function settledResident(pids, { everyMs = 150, limitMs = 3_000, still = 4 } = {}) {
  const deadline = performance.now() + limitMs;
  let last = residentOf(pids);
  let calm = 0;
  while (calm < still && performance.now() < deadline) {
    await after(everyMs);
    const now = residentOf(pids);
    calm = Math.abs(now - last) <= 64 ? calm + 1 : 0;
    last = now;
  }
  return last;
}
