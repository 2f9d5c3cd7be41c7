/** What of the process's memory is still in use: garbage is collected first, so that only what somebody holds counts. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

export function liveBufferBytes(): number {
  return liveMemory().arrayBuffers;
}

/** Objects, those of small buffers among them. */
export function liveHeapBytes(): number {
  return liveMemory().heapUsed;
}

function liveMemory(): NodeJS.MemoryUsage {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  collect();
  return process.memoryUsage();
}
