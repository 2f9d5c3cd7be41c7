/** What the figures were measured on: the machine, its kernel, and the versions of everything that took part. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { findTool } from './find-tool.mjs';

const readVersion = (name) => {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${JSON.parse(readFileSync(manifest, 'utf8')).version}`;
};

/** nginx writes its version to standard error. */
function programVersion(name) {
  const program = findTool(name);
  if (!program) return [];
  const said = execFileSync('sh', ['-c', '"$0" -v 2>&1', program], { encoding: 'utf8', timeout: 5_000 });
  const [version] = said.match(/\d+\.\d+\.\d+/) ?? ['of unknown version'];
  return [`${name} ${version}`];
}

/** Lines for people. */
export function describeMachine(cores) {
  const [{ model = 'unknown' } = {}] = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const pinning = cores
    ? `contenders on core ${cores.contender}, load on ${cores.load}, upstream on ${cores.upstream}`
    : 'no pinning, so the spread is wide';
  return [
    `Machine: ${cpus().length} x ${model.trim()}, ${gibibytes} GiB, ${process.platform} ${release()}; ${pinning}.`,
    `Versions: ${[
      `Node ${process.versions.node}`,
      ...['@voxproxy/server', 'ws', 'http-proxy-3'].map(readVersion),
      ...['nginx', 'haproxy'].flatMap(programVersion),
    ].join(', ')}.`,
  ];
}

/** How many files one process may have open; Node and the servers raise themselves to it. */
export function mostOpenFiles() {
  try {
    const [, hard] = readFileSync('/proc/self/limits', 'latin1').match(/^Max open files\s+\S+\s+(\d+)/m);
    return Math.min(Number(hard), 65_000);
  } catch {
    return 1_024;
  }
}
