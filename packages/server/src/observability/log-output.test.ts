import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { createLogOutput } from './log-output.ts';

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'voxproxy-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function openPath(path: string, flags: number | string): number {
  const fd = openSync(path, flags);
  onTestFinished(() => closeSync(fd));
  return fd;
}

it('has written a line when it returns', () => {
  const path = join(makeFolder(), 'log');
  const output = createLogOutput(openPath(path, 'w'));
  output.write('first é\n');
  output.write('second\n');
  expect(readFileSync(path, 'utf8')).toBe('first é\nsecond\n');
});

it('keeps the lines that a slow reader does not take, and their order', async () => {
  const path = join(makeFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openPath(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const output = createLogOutput(openPath(path, constants.O_WRONLY | constants.O_NONBLOCK));
  const lines = Array.from({ length: 3_000 }, (_, at) => `${at} ${'é'.repeat(40)}\n`);
  for (const line of lines) output.write(line);
  const text = lines.join('');
  let read = Buffer.alloc(0);
  await eventually(
    () => {
      read = Buffer.concat([read, readWaiting(reader)]);
      return read.length >= Buffer.byteLength(text);
    },
    () => 'all lines',
  );
  expect(read.toString()).toBe(text);
});

it('goes on when what it writes to is full', async () => {
  // It closes what it cannot write to.
  const output = createLogOutput(openSync('/dev/full', 'w'));
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', note);
  onTestFinished(() => void process.off('uncaughtException', note));
  output.write('lost\n');
  let turns = 0;
  await eventually(
    () => (turns += 1) > 20,
    () => 'the write to fail',
  );
  output.write('lost too\n');
  expect(uncaught).toEqual([]);
});

function readWaiting(fd: number): Buffer {
  const chunk = Buffer.alloc(65_536);
  try {
    return chunk.subarray(0, readSync(fd, chunk));
  } catch {
    return Buffer.alloc(0);
  }
}
