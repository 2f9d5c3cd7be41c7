/** What `npm start` runs, as its own process on a free port. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../dist/local/start.js', import.meta.url));
/** Where no .env is, so that a developer's own key stays out of the tests. */
const FOLDER = fileURLToPath(new URL('.', import.meta.url));

export class StartedDemo {
  /** Everything it has printed. */
  readonly output: string[] = [];
  readonly #child: ChildProcess;
  url = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Rejects when it ends before it has printed where the page is. */
  static async start(env: Readonly<Record<string, string>>): Promise<StartedDemo> {
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, [PROGRAM], {
      cwd: FOLDER,
      env: { PATH, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new StartedDemo(child);
    await started.#firstLine();
    return started;
  }

  /** Resolves with its exit code. */
  async stop(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null> {
    const { exitCode } = this.#child;
    if (exitCode !== null) return exitCode;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  }

  #firstLine(): Promise<void> {
    const { stdout, stderr } = this.#child;
    return new Promise((resolve, reject) => {
      const take = (text: string): void => {
        this.output.push(text);
        const [, url] = /^(http:\S+)\n.+\n/m.exec(this.output.join('')) ?? [];
        if (!url) return;
        this.url = url;
        resolve();
      };
      for (const stream of [stdout, stderr]) stream?.setEncoding('utf8').on('data', take);
      this.#child.once('exit', () => reject(new Error(`npm start ended:\n${this.output.join('')}`)));
    });
  }
}
