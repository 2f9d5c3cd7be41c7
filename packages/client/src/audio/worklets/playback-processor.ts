/**
 * Binds playback-queue.ts to the audio thread. A message is a chunk of bytes or a PlaybackCommand; reports go
 * back when asked, when playing begins or ends, and regularly in between.
 */
import { rms } from '../pcm.ts';
import { PlaybackQueue, type PlaybackFormat, type PlaybackStatus } from '../playback-queue.ts';

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

export type PlaybackCommand = 'flush' | 'report' | 'close';

export interface PlaybackReport extends PlaybackStatus {
  /** In the regular reports only: RMS since the one before, 0..1. */
  level?: number;
  /** Whether it answers a command. */
  reply?: boolean;
}

const REPORTS_PER_SECOND = 30;

export class PlaybackProcessor extends AudioWorkletProcessor {
  readonly #queue: PlaybackQueue;
  #ended = false;
  #playing = false;
  #energy = 0;
  #blocks = 0;
  #level = 0;

  constructor({ processorOptions }: { processorOptions: PlaybackFormat }) {
    super();
    this.#queue = new PlaybackQueue(processorOptions, sampleRate);
    this.port.onmessage = ({ data }: MessageEvent<Uint8Array | PlaybackCommand>) => {
      if (typeof data !== 'string') return this.#queue.push(data);
      if (data === 'close') this.#ended = true;
      if (data === 'flush') this.#queue.flush();
      this.#report({ reply: true });
    };
  }

  process(_inputs: unknown, [output]: Float32Array[][]): boolean {
    const samples = output?.[0];
    if (!samples || this.#ended) return !this.#ended;
    this.#queue.render(samples);
    this.#energy += rms(samples) ** 2;
    const full = ++this.#blocks * samples.length >= sampleRate / REPORTS_PER_SECOND;
    if (full) this.#measure();
    else if (this.#playing !== this.#queue.status.playing) this.#report({});
    return true;
  }

  /** Reports while there is something to tell, and once more when all has become silent. */
  #measure(): void {
    const before = this.#level;
    this.#level = Math.sqrt(this.#energy / this.#blocks);
    this.#energy = this.#blocks = 0;
    if (before || this.#level || this.#queue.status.playing || this.#playing)
      this.#report({ level: this.#level });
  }

  #report(extra: Pick<PlaybackReport, 'level' | 'reply'>): void {
    this.#playing = this.#queue.status.playing;
    this.port.postMessage({ ...this.#queue.status, ...extra });
  }
}
