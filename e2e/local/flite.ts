/** Text to speech: PCM16 mono by flite, a free synthesiser that needs no network and no key. Says what it is told; what to say is decided elsewhere. */
import { FliteThread } from './flite-thread.ts';
import { readWav } from './pcm16.ts';
import { resample } from './resample.ts';
import { SerialQueue } from './serial-queue.ts';

/** slt sounds like a woman from the USA, rms like a man from there. */
export type Voice = 'slt' | 'rms';

export interface SayOptions {
  /** Default slt. */
  voice?: Voice;
  /** Hertz, one of SAMPLE_RATES. Default 24 000. */
  sampleRate?: number;
  /** Stops waiting; what flite has begun it finishes, unheard. */
  signal?: AbortSignal;
}

export interface Flite {
  /**
   * Rejects with a RangeError for text over `maxTextLength` or an unknown rate, with QueueFull when too many wait,
   * and with the signal's reason once aborted. Text without anything to say gives no samples.
   */
  say(text: string, options?: SayOptions): Promise<Int16Array>;
  /** Ends the thread. Rejects what still waits. */
  close(): Promise<void>;
}

/** Characters, about a minute of speech. */
export const MAX_TEXT_LENGTH = 1000;

export interface FliteOptions {
  /** Characters in one text. Default MAX_TEXT_LENGTH. */
  maxTextLength?: number;
  /** Texts being said or waiting for it. Default 16. */
  maxTexts?: number;
  /** Milliseconds for one text, after which the thread is replaced. Default 10 000. */
  deadlineMs?: number;
}

export function createFlite(options: FliteOptions = {}): Flite {
  const { maxTextLength = MAX_TEXT_LENGTH, maxTexts = 16, deadlineMs = 10_000 } = options;
  const thread = new FliteThread(deadlineMs);
  const queue = new SerialQueue(maxTexts);
  const closing = new AbortController();

  async function say(
    text: string,
    { voice = 'slt', sampleRate = 24_000, signal }: SayOptions = {},
  ): Promise<Int16Array> {
    if (text.length > maxTextLength) throw new RangeError(`more than ${maxTextLength} characters to say`);
    const words = text.replace(/\p{Cc}+/gu, ' ').trim();
    if (!/[\p{L}\p{N}]/u.test(words)) return new Int16Array(0);
    const until = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
    const spoken = readWav(await queue.run(() => thread.ask({ text: words, voice }), until));
    return resample(spoken.samples, spoken.sampleRate, sampleRate);
  }

  async function close(): Promise<void> {
    closing.abort(new Error('the synthesiser is closed'));
    await thread.close();
  }

  return { say, close };
}
