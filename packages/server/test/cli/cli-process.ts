/** The `voxproxy` command as a child process: built from source into a cache folder, run with nothing but the given environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';
import { Changes } from '../../src/testing/changes.ts';
import { JWT_SECRET } from '../support/make-token.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';

const SOURCE = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** Below the root's node_modules, so that packages are found from there. */
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/voxproxy-cli-test', import.meta.url));
/** A process starts slowly on a busy machine. */
const DEADLINE_MS = 15_000;

export type Environment = Readonly<Record<string, string>>;

/** What the command cannot do without, on any free port. */
export const NEEDED: Environment = { DEEPGRAM_API_KEY: MOCK_SECRET, JWT_SECRET, PORT: '0' };

export interface CliOptions {
  readonly words?: readonly string[];
  readonly env?: Environment;
  /** Files of the folder in which it runs. Default none. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Builds the command before the tests of a file. Returns how to run it. */
export function useCli(): (test: TestCleanup, options?: CliOptions) => Promise<CliProcess> {
  const main = join(CACHE, `${process.pid}-${Date.now()}.mjs`);
  beforeAll(async () => {
    await build({
      entryPoints: [SOURCE],
      outfile: main,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'error',
    });
  });
  afterAll(() => rm(main, { force: true }));
  return async (test, options = {}) => {
    const folder = await mkdtemp(join(tmpdir(), 'voxproxy-cli-'));
    test.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const started = new CliProcess(
      spawn(process.execPath, [main, ...(options.words ?? [])], { cwd: folder, env: { ...options.env } }),
    );
    test.onTestFinished(() => started.destroy());
    return started;
  };
}

export class CliProcess {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #changes = new Changes();
  #ended: number | string | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
      this.#changes.notify();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
      this.#changes.notify();
    });
    child.on('close', (code, signal) => {
      this.#ended = code ?? signal ?? 'gone';
      this.#changes.notify();
    });
  }

  /** Everything that it has printed. */
  get printed(): string {
    return this.stdout + this.stderr;
  }

  /** Resolves with where it listens, such as `http://127.0.0.1:8080`, once it says so. */
  async listening(): Promise<string> {
    const [, url = ''] = await this.waitFor(/ is listening on (\S+)\n[^]*\/ready\n/);
    return url;
  }

  /** Resolves once the pattern is in what it prints for people; rejects when it ends without. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    const probe = (): RegExpExecArray | 'ended' | undefined =>
      pattern.exec(this.stderr) ?? (this.#ended === undefined ? undefined : 'ended');
    return this.#wait(probe, `${pattern}`).then((found) => {
      if (found === 'ended') throw new Error(`it ended with ${this.#ended}, having printed: ${this.printed}`);
      return found;
    });
  }

  /** The exit code, or the name of the signal that ended it, once all output has come. */
  exit(): Promise<number | string> {
    return this.#wait(() => this.#ended, 'the process to end');
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async destroy(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit();
  }

  #wait<T>(probe: () => T | undefined, what: string): Promise<T> {
    const shown = (): string => `${what}; it printed: ${this.printed}`;
    return this.#changes.wait({ probe, what: shown }, { deadlineMs: DEADLINE_MS });
  }
}
