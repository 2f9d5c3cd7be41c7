/**
 * Binds playback-queue.ts to the audio thread. A message is a chunk of bytes or a PlaybackCommand; reports go
 * back when asked, and regularly while there is sound.
 */
import { rms } from '../pcm.ts';
import { PlaybackQueue, type PlaybackFormat, type PlaybackStatus } from '../playback-queue.ts';

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

export type PlaybackCommand = 'flush' | 'report' | 'close';

export interface PlaybackReport extends PlaybackStatus {
  /** In regular reports: RMS since the one before, 0..1. A report without it answers a command. */
  level: number | undefined;
}

const REPORTS_PER_SECOND = 30;

export class PlaybackProcessor extends AudioWorkletProcessor {
  readonly #queue: PlaybackQueue;
  #ended = false;
  #energy = 0;
  #blocks = 0;
  /** Whether there is something to tell; one more report follows when all has become silent. */
  #active = false;

  constructor({ processorOptions }: { processorOptions: PlaybackFormat }) {
    super();
    this.#queue = new PlaybackQueue(processorOptions, sampleRate);
    this.port.onmessage = ({ data }: MessageEvent<Uint8Array | PlaybackCommand>) => {
      if (typeof data !== 'string') return this.#queue.push(data);
      if (data === 'close') this.#ended = true;
      if (data === 'flush') this.#queue.flush();
      this.#report();
    };
  }

  process(_inputs: unknown, [[output]]: [[Float32Array]]): boolean {
    this.#queue.render(output);
    this.#energy += rms(output) ** 2;
    if (++this.#blocks * output.length < sampleRate / REPORTS_PER_SECOND) return !this.#ended;
    const { playing } = this.#queue.status;
    if (playing || this.#active) this.#report(Math.sqrt(this.#energy / this.#blocks));
    this.#active = playing || this.#energy > 0;
    this.#energy = this.#blocks = 0;
    return !this.#ended;
  }

  #report(level?: number): void {
    this.port.postMessage({ ...this.#queue.status, level });
  }
}
