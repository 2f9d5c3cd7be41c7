/**
 * Runs the steps of a command: each a child process with a time limit, one line with its seconds, and its output only
 * when it failed. Node built-ins only: it also runs before anything is installed.
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const running = new Set();
let onSignal = (signal) => process.exit(signal === 'SIGINT' ? 130 : 143);
let watching = false;

/** Only these are scripts of the Windows shell, which joins words without quoting them. */
export function needsShell(command, platform = process.platform) {
  return platform === 'win32' && (command === 'npm' || command.endsWith('.cmd'));
}

/** A child is the head of a process group of its own, so that its children end with it. */
function start(command, args, env, stdio) {
  if (!watching) watchSignals();
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }), ...env },
    stdio,
    detached: process.platform !== 'win32',
    shell: needsShell(command),
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

function watchSignals() {
  watching = true;
  process.once('exit', () => running.forEach((child) => sendTo(child, 'SIGKILL')));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => onSignal(signal));
}

function sendTo(child, signal) {
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/**
 * Runs a command in the repository. Never throws.
 * @param {{ env?: object, limitMs?: number, show?: boolean }} options `show` passes the output through as it comes
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(command, args, { env = {}, limitMs = 300_000, show = false } = {}) {
  return new Promise((resolve) => {
    const child = start(command, args, env, ['ignore', 'pipe', 'pipe']);
    let output = '';
    const take = (chunk) => {
      output += chunk;
      if (show) process.stdout.write(chunk);
    };
    const limit = setTimeout(() => {
      take(`\n${command} ${args.join(' ')}: not done after ${limitMs / 1000} s, ended\n`);
      sendTo(child, 'SIGKILL');
    }, limitMs);
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', (error) => take(`${command}: ${error.message}\n`));
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve({ ok: code === 0, output });
    });
  });
}

/**
 * Runs a command to which this process only passes signals on, each once, though a terminal and npm both send it.
 * @returns {Promise<number>} its exit code
 */
export function handOver(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = start(command, args, env, ['ignore', 'inherit', 'inherit']);
    let lastMs = 0;
    onSignal = (signal) => {
      if (Date.now() - lastMs > 300) sendTo(child, signal);
      lastMs = Date.now();
    };
    if (process.env.npm_lifecycle_event) watchParent();
    child.once('error', (error) => console.error(`${command}: ${error.message}`));
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Told to end, npm ends the shell between us and leaves us alone: that the parent is another one is our signal. */
function watchParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    onSignal('SIGTERM');
  }, 500);
  watch.unref();
}

/** Runs an installed tool. */
export function tool(name, args = [], options = {}) {
  return run(
    join('node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name),
    args,
    options,
  );
}

/** Runs a script of this folder by this same Node. */
export const script = (name, args = [], options = {}) =>
  run(process.execPath, [`scripts/${name}`, ...args], options);

/**
 * Runs one named step and prints its line.
 * @param {() => Promise<{ ok: boolean, output: string }>} work
 */
export async function step(name, work) {
  const startMs = Date.now();
  const result = await work();
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1).padStart(6);
  console.log(`${result.ok ? 'ok  ' : 'FAIL'} ${name.padEnd(12)} ${seconds} s`);
  if (!result.ok) console.log(indent(result.output));
  return { name, ...result };
}

const indent = (text) => text.trimEnd().replace(/^(?=.)/gm, '     ');

/** Runs steps, each `[name, work]`, as many at once as `lanes`; results in the given order. */
export async function runSteps(steps, lanes = 1) {
  const results = [];
  const waiting = [...steps.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, [name, work]] = next;
      results[index] = await step(name, work);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/** Runs a command of this folder: a failure to prepare is told in its own words, anything else with its stack. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ? 0 : 1;
  } catch (error) {
    console.error(error.name === 'PrepareError' ? `prepare: ${error.message}` : error);
    process.exitCode = 1;
  }
}
