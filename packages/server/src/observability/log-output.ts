/**
 * Where the log goes unless told otherwise. A line is written when it is made: none is lost in a crash, and no thread is woken
 * for it, which costs more than all else about a line. What its reader does not take waits without holding up sessions.
 */
import { writeSync } from 'node:fs';
import { pino, type DestinationStream } from 'pino';

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;

export function standardOutput(): DestinationStream {
  // Its use makes a pipe refuse what it cannot hold, where it would block; and an application may have put its own there.
  const { stdout } = process;
  return Object.hasOwn(stdout, 'write') ? stdout : createLogOutput(stdout.fd ?? STANDARD_OUTPUT);
}

/** What waits for a reader at the most; beyond it lines are lost. */
const MOST_WAITING_BYTES = 16_777_216;

interface Waiting {
  write(bytes: Buffer): unknown;
  on(event: 'drain' | 'error', listener: () => void): unknown;
  destroy(): void;
}

/** Lines into a file descriptor, in their order. */
export function createLogOutput(fd: number): DestinationStream {
  // It also knows what to do about errors. Its types do not know that it then takes bytes.
  const waiting = pino.destination({
    dest: fd,
    sync: false,
    contentMode: 'buffer',
    maxLength: MOST_WAITING_BYTES,
  }) as unknown as Waiting;
  let isWaiting = false;
  let isBroken = false;
  waiting.on('drain', () => {
    isWaiting = false;
  });
  // A full disk must not end the process, nor hold it back when it exits. This closes what is not a standard stream.
  waiting.on('error', () => {
    isBroken = true;
    waiting.destroy();
  });
  return {
    write(line) {
      if (isBroken && fd > STANDARD_ERROR) return;
      const bytes = Buffer.from(line);
      const taken = isWaiting && !isBroken ? 0 : writeNow(fd, bytes);
      if (taken === bytes.length || isBroken) return;
      isWaiting = true;
      waiting.write(bytes.subarray(taken));
    },
  };
}

/** How many bytes were taken. */
function writeNow(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch {
    return 0;
  }
}
