/** Which CPU core each process is kept on: the contenders on one, everything else away from it. */
import { cpus } from 'node:os';
import { findTool } from './find-tool.mjs';

/** @returns {{ contender: number, load: number, upstream: number } | undefined} undefined where pinning is not possible */
export function chooseCores(count = cpus().length, hasTaskset = Boolean(findTool('taskset'))) {
  if (!hasTaskset || count < 2) return undefined;
  return { contender: count - 1, load: 0, upstream: count > 2 ? 1 : 0 };
}

/** The command that runs `command` on one core; exec keeps the process id. */
export function pinned(core, [command, ...args]) {
  return core === undefined ? [command, ...args] : ['taskset', '-c', String(core), command, ...args];
}
