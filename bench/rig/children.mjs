/** The processes of the benchmark: started in a group of their own, asked over their channel, and ended in every case. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const running = new Set();

/** Ends whatever runs, also when this process is told to end. To be called once, first. */
export function endChildrenAtExit() {
  process.once('exit', endChildren);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
  // Told to end, npm ends the shell between us and leaves us alone: that the parent is another one is our signal.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(130), 500).unref();
}

export function endChildren() {
  for (const child of running) child.end();
}

/**
 * @param {string[]} command
 * @param {{ env?: object, stdout?: number | 'ignore', hasChannel?: boolean }} options
 */
export function startChild([command, ...args], { env = {}, stdout = 'ignore', hasChannel = true } = {}) {
  const stdio = ['ignore', stdout, 'pipe', ...(hasChannel ? ['ipc'] : [])];
  const options = { env: { ...process.env, ...env }, stdio, detached: true };
  const child = new Child(spawn(command, args, options));
  running.add(child);
  child.ended.then(() => running.delete(child));
  return child;
}

class Child {
  isAlive = true;
  /** The last of what it said to standard error. */
  complaint = '';
  #process;
  #questions = new Map();
  #nextId = 0;

  constructor(process) {
    this.#process = process;
    this.pid = process.pid;
    process.stderr.setEncoding('utf8').on('data', (text) => {
      this.complaint = (this.complaint + text).slice(-2_000);
    });
    process.on('message', (message) => this.#take(message));
    this.ended = new Promise((resolve) => {
      process.once('error', (error) => {
        this.complaint += error.message;
        resolve();
      });
      process.once('exit', resolve);
    }).then(() => this.#onEnd());
    this.ready = this.#expect('ready', 10_000);
    this.ready.catch(() => undefined);
  }

  /** Rejects when it fails, ends, or does not answer in time. */
  ask(command, question = {}, limitMs = 30_000) {
    if (!this.isAlive) return Promise.reject(new Error(this.lastWords));
    const id = this.#nextId++;
    this.#process.send({ id, command, question });
    return this.#expect(id, limitMs);
  }

  #expect(id, limitMs) {
    return new Promise((resolve, reject) => {
      const settle = (how) => (value) => {
        clearTimeout(limit);
        this.#questions.delete(id);
        how(value);
      };
      const limit = setTimeout(() => settle(reject)(new Error('no answer in time')), limitMs);
      this.#questions.set(id, { resolve: settle(resolve), reject: settle(reject) });
    });
  }

  #take({ id, value, failed, ready }) {
    if (ready) this.#questions.get('ready')?.resolve(ready);
    else if (failed) this.#questions.get(id)?.reject(new Error(failed));
    else this.#questions.get(id)?.resolve(value);
  }

  /** Why it is not there any more. */
  get lastWords() {
    const lines = this.complaint.trim().split('\n');
    const said = lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
    return `ended: ${said || `${this.#process.signalCode ?? this.#process.exitCode}`}`;
  }

  #onEnd() {
    this.isAlive = false;
    for (const { reject } of this.#questions.values()) reject(new Error(this.lastWords));
  }

  /** With its own children. */
  end() {
    if (!this.isAlive || !this.pid) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** Process ids of the children that a process has now, such as the workers of a server. */
export function childrenOf(parent) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').trim().split(' ')[1]);
  } catch {
    return 0;
  }
}
