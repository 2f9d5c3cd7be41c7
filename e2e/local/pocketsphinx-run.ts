/** One run of PocketSphinx: started, bounded, ended and read. What it is asked and what its answer is worth is its caller's business. */
import { spawn } from 'node:child_process';

export interface PocketSphinxResult {
  text: string;
  /** Mean acoustic distance per frame of the words found; Infinity without words. Means something only for a grammar. */
  distance: number;
}

const MAX_OUTPUT_CHARACTERS = 1_000_000;

/** Settles only once the process is gone. Rejects when it fails, and when it is killed by the deadline or the signal. */
export async function runPocketSphinx(
  program: string,
  args: readonly string[],
  limits: { deadlineMs: number; signal: AbortSignal },
): Promise<PocketSphinxResult> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limits.deadlineMs,
    killSignal: 'SIGKILL',
    signal: limits.signal,
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      if (output[stream].length < MAX_OUTPUT_CHARACTERS) output[stream] += chunk;
    });
  const failure = await new Promise<Error | undefined>((resolve) => {
    let error: Error | undefined;
    child.on('error', (cause) => (error = cause));
    child.on('close', (code, killedBy) => {
      resolve(error ?? (code === 0 ? undefined : new Error(`the recogniser ended with ${killedBy ?? code}`)));
    });
  });
  if (failure) throw failure;
  return { text: output.stdout.trim().replace(/\s+/g, ' '), distance: distanceOf(output.stderr) };
}

/** Reads the table "word start end pprob ascr …" of the log; a word's acoustic score is the sum over its frames, zero or less. */
function distanceOf(log: string): number {
  const rows = log.matchAll(/^([a-z][^\s]*)\s+(\d+)\s+(\d+)\s+[\d.]+\s+(-?\d+)\s+-?\d+\s+\d+\s*$/gm);
  let frames = 0;
  let score = 0;
  for (const [, , start, end, acoustic] of rows) {
    frames += Number(end) - Number(start) + 1;
    score -= Number(acoustic);
  }
  return frames === 0 ? Infinity : score / frames;
}
