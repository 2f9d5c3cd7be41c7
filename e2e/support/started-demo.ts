/** What `npm start` runs, as its own process on a free port. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../dist/local/start.js', import.meta.url));
/** Where no .env is, so that a developer's own key stays out of the tests. */
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const DEADLINE_MS = 20_000;

export class StartedDemo {
  /** Everything it has printed. */
  readonly output: string[] = [];
  readonly #child: ChildProcess;
  url = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Rejects when it ends before it has printed where the page is, and at a deadline; nothing runs on then. */
  static async start(env: Readonly<Record<string, string>>): Promise<StartedDemo> {
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, [PROGRAM], {
      cwd: FOLDER,
      env: { PATH, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new StartedDemo(child);
    try {
      await started.#firstLine(AbortSignal.timeout(DEADLINE_MS));
    } catch (error) {
      await started.stop('SIGKILL');
      throw error;
    }
    return started;
  }

  /** Resolves with its exit code; null when it had to be killed, by this signal or at a deadline. Safe to call twice. */
  async stop(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), DEADLINE_MS);
    const [code] = (await exited) as [number | null];
    clearTimeout(deadline);
    return code;
  }

  #firstLine(deadline: AbortSignal): Promise<void> {
    const { stdout, stderr } = this.#child;
    return new Promise((resolve, reject) => {
      const fail = (words: string): void => reject(new Error(`npm start ${words}:\n${this.output.join('')}`));
      const take = (text: string): void => {
        this.output.push(text);
        const [, url] = /^(http:\S+)\n.+\n/m.exec(this.output.join('')) ?? [];
        if (!url) return;
        this.url = url;
        resolve();
      };
      for (const stream of [stdout, stderr]) stream?.setEncoding('utf8').on('data', take);
      this.#child.once('exit', () => fail('ended'));
      deadline.addEventListener('abort', () => fail(`printed no address in ${DEADLINE_MS} ms`));
    });
  }
}
