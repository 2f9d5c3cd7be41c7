/** Starts proxy-process.ts as a child, with garbage collection at call, and asks it for its numbers. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { after, Changes } from '../../src/testing/changes.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';

export interface ProxyConfig {
  /** Where transcription is dialled. */
  readonly upstreamUrl: string;
  readonly limits?: Readonly<Record<string, number>>;
  /** Which implementation of legs, where there are several. */
  readonly legs?: string | undefined;
}

export interface Measure {
  readonly rss: number;
  readonly heapUsed: number;
  /** Active resources by type, listeners by event, sessions and connections. */
  readonly counts: Readonly<Record<string, number>>;
  /** Log lines so far, by message and cause. */
  readonly causes: Readonly<Record<string, number>>;
}

export interface ProxyFork {
  readonly port: number;
  /** Collects garbage first where told. */
  measure(collects?: boolean): Promise<Measure>;
  /** Notes the resident memory now and then. Returns the end of it, which says the most there was, in bytes. */
  watchMemory(): () => number;
}

const START_MS = 20_000;
const ANSWER_MS = 20_000;
const SAMPLE_MS = 20;

/** Builds proxy-process.ts from source into a file below the root's node_modules, so that packages are found from there. */
export async function buildProxyProcess(outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('proxy-process.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    conditions: ['@voxproxy/source'],
    logLevel: 'error',
  });
}

/** `file` is what buildProxyProcess() wrote. The child ends with the test. */
export async function forkProxy(test: TestCleanup, file: string, config: ProxyConfig): Promise<ProxyFork> {
  const folder = mkdtempSync(join(tmpdir(), 'voxproxy-soak-'));
  writeFileSync(join(folder, 'cert.pem'), TEST_CERTIFICATE.cert);
  const child = fork(file, [], {
    execArgv: ['--expose-gc', '--enable-source-maps'],
    env: { SOAK_PROXY: JSON.stringify(config), NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const answers = new Answers(child);
  test.onTestFinished(async () => {
    child.kill('SIGKILL');
    await answers.ended();
    rmSync(folder, { recursive: true, force: true });
  });
  const { port } = await answers.next<{ port: number }>((answer) => 'port' in answer, START_MS);
  let asked = 0;
  return {
    port,
    async measure(collects = false) {
      const id = (asked += 1);
      child.send({ id, collects });
      const { result } = await answers.next<{ result: Measure }>((answer) => answer['id'] === id, ANSWER_MS);
      return result;
    },
    watchMemory: () => watchMemory(child.pid ?? 0),
  };
}

type Answer = Readonly<Record<string, unknown>>;

/** What a child says, in order. */
class Answers {
  readonly #changes = new Changes();
  readonly #came: Answer[] = [];
  #isEnded = false;

  constructor(child: ChildProcess) {
    child.on('message', (answer) => {
      this.#came.push(answer as Answer);
      this.#changes.notify();
    });
    child.on('close', () => {
      this.#isEnded = true;
      this.#changes.notify();
    });
  }

  async next<T>(fits: (answer: Answer) => boolean, deadlineMs: number): Promise<T> {
    const probe = (): Answer | 'ended' | undefined => {
      const at = this.#came.findIndex(fits);
      return at < 0 ? (this.#isEnded ? 'ended' : undefined) : this.#came.splice(at, 1)[0];
    };
    const found = await this.#changes.wait({ probe, what: () => 'the proxy to answer' }, { deadlineMs });
    if (found === 'ended') throw new Error('the process of the proxy has ended');
    return found as T;
  }

  async ended(): Promise<void> {
    await this.#changes.wait({ probe: () => this.#isEnded || undefined, what: () => 'the proxy to end' });
  }
}

/** From /proc, so that a process too busy to answer is measured too. */
function watchMemory(pid: number): () => number {
  let most = residentBytes(pid);
  let cancel = (): void => {};
  const sample = (): void => {
    most = Math.max(most, residentBytes(pid));
    cancel = after(SAMPLE_MS, sample);
  };
  sample();
  return () => {
    cancel();
    return Math.max(most, residentBytes(pid));
  };
}

/** @throws Error where there is no /proc: memory is measured on Linux only. */
export function residentBytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? 0) * 1024;
}
