/**
 * Speech to text by Debian's PocketSphinx, where it is installed: first against the grammar of commands, which is reliable; speech that does not fit it
 * goes through the open vocabulary, which is rough. Finding where speech begins and ends is end-of-utterance.ts's business.
 */
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { toJsgf } from './commands.ts';
import { toWav } from './pcm16.ts';
import { runPocketSphinx } from './pocketsphinx-run.ts';
import type { PocketSphinxResult } from './pocketsphinx-run.ts';
import { SerialQueue } from './serial-queue.ts';

/** What PocketSphinx wants, in hertz. */
export const RECOGNISER_RATE = 16_000;

export interface RecogniseOptions {
  signal: AbortSignal;
  /** Leaves the grammar of commands out, for speech that is not over yet. Default false. */
  openVocabulary?: boolean;
}

export interface Recogniser {
  /**
   * Words in lower case, '' when there are none, of `samples` at RECOGNISER_RATE.
   * Rejects with QueueFull when too many wait, with the signal's reason once aborted, and with an Error when the program fails or takes too long.
   */
  recognise(samples: Int16Array, options: RecogniseOptions): Promise<string>;
  /** Ends what runs, rejects what waits; resolves once no process of this recogniser is left. */
  close(): Promise<void>;
}

export interface RecogniserOptions {
  /** Utterances being recognised or waiting for it. Default 8. */
  maxUtterances?: number;
  /** Milliseconds for one pass over one utterance. Default 20 000. */
  deadlineMs?: number;
}

const PROGRAM = 'pocketsphinx_continuous';
const MODEL = '/usr/share/pocketsphinx/model/en-us/en-us/mdef';

/**
 * The mean acoustic distance per frame, in the recogniser's own unit, above which speech only seems to be a command. Measured: spoken
 * commands lie at 9 to 16, other sentences forced into the grammar at 28 and more.
 */
const FARTHEST_COMMAND = 22;

/** Undefined where the program or its US English model is not installed. `path` is a list of folders as in PATH. */
export async function findRecogniser(
  path: string = process.env['PATH'] ?? '',
  options: RecogniserOptions = {},
): Promise<Recogniser | undefined> {
  const candidates = path.split(delimiter).map((folder) => join(folder, PROGRAM));
  const hasModel = await isReadable(MODEL, constants.R_OK);
  for (const program of hasModel ? candidates : [])
    if (await isReadable(program, constants.X_OK)) return new PocketSphinx(program, options);
  return undefined;
}

class PocketSphinx implements Recogniser {
  readonly #program: string;
  readonly #deadlineMs: number;
  readonly #queue: SerialQueue;
  readonly #closing = new AbortController();

  constructor(program: string, { maxUtterances = 8, deadlineMs = 20_000 }: RecogniserOptions) {
    this.#program = program;
    this.#deadlineMs = deadlineMs;
    this.#queue = new SerialQueue(maxUtterances);
  }

  recognise(samples: Int16Array, options: RecogniseOptions): Promise<string> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    return this.#queue.run(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'recognise-'));
      try {
        await writeFile(join(folder, 'speech.wav'), toWav({ sampleRate: RECOGNISER_RATE, samples }));
        await writeFile(join(folder, 'commands.jsgf'), toJsgf());
        const command = options.openVocabulary ? undefined : await this.#command(folder, signal);
        return command ?? (await this.#run(folder, [], signal)).text;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the recogniser is closed'));
    await this.#queue.ended();
  }

  async #command(folder: string, signal: AbortSignal): Promise<string | undefined> {
    const found = await this.#run(folder, ['-jsgf', join(folder, 'commands.jsgf')], signal);
    return found.text !== '' && found.distance <= FARTHEST_COMMAND ? found.text : undefined;
  }

  #run(folder: string, more: readonly string[], signal: AbortSignal): Promise<PocketSphinxResult> {
    // A short pause within a sentence must not split it in two.
    const args = ['-infile', join(folder, 'speech.wav'), '-vad_postspeech', '100', '-backtrace', 'yes'];
    return runPocketSphinx(this.#program, [...args, ...more], { deadlineMs: this.#deadlineMs, signal });
  }
}

async function isReadable(file: string, mode: number): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}
