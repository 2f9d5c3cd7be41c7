/** How much CPU processes have used, from the kernel's nanoseconds; from its clock ticks where it does not keep those. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports ticks in hundredths of a second to programs, whatever its own timer is. */
const NS_PER_TICK = 10_000_000;

/** @param {number[]} pids @returns nanoseconds on a CPU; 0 for a process that has gone */
export const cpuOf = (pids) => pids.reduce((sum, pid) => sum + cpuOfProcess(pid), 0);

function cpuOfProcess(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + cpuOfThread(pid, thread), 0);
  } catch {
    return ticksOf(pid) * NS_PER_TICK;
  }
}

function cpuOfThread(pid, thread) {
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
}

/** proc(5): utime and stime are the 14th and 15th word, counted behind the name, which may hold spaces. */
function ticksOf(pid) {
  try {
    const words = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').trim().split(' ');
    return Number(words[11]) + Number(words[12]);
  } catch {
    return 0;
  }
}
