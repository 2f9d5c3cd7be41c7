/**
 * What is heard and when: start-up buffer, underruns, click-free cut-off, budget, and the account of it all.
 * Pure and without a clock: time is the number of samples asked for. Rendering to a device is the worklet's part.
 */
import { createPcm16Decoder } from './pcm.ts';
import { createResampler } from './resampler.ts';
import { createSampleFifo } from './sample-fifo.ts';

export interface PlaybackFormat {
  /** Rate of the pushed PCM16 in Hz. */
  sampleRate: number;
  /** Most seconds of audio that may wait; a chunk that would exceed it is refused whole. */
  budgetSeconds: number;
}

/** Counts are cumulative and in samples of the pushed audio, unless they say otherwise. */
export interface PlaybackStatus {
  /** Bytes that entered, and their FNV-1a (32 bit), whatever became of them later. */
  bytes: number;
  fnv1a: number;
  /** Samples rendered, and refused because over the budget. */
  played: number;
  refused: number;
  /** Samples that the last flush dropped unheard. */
  flushed: number;
  /** Gaps in the midst of playing that a longer start-up buffer could have hidden. */
  underruns: number;
  /** Milliseconds of audio that must now be waiting before playing begins. */
  bufferMs: number;
  playing: boolean;
}

/** Start-up buffer: at first, added by each underrun, at most. A gap longer than the most is a pause. */
const BUFFER_MS = { first: 60, step: 20, most: 240 };
/** Every so much audio takes one step off the buffer. */
const CALM_MS = 10_000;
/** Fade-out of a flush, and fades on both sides of an underrun. */
const FADE_MS = 10;

export class PlaybackQueue {
  readonly status: PlaybackStatus;
  readonly #format: PlaybackFormat;
  readonly #decode = createPcm16Decoder();
  readonly #resampler;
  readonly #waiting = createSampleFifo();
  /** Whether samples are being taken, as opposed to waiting in the start-up buffer. */
  #flowing = false;
  #gain = 0;
  /** The sample taken last, which fades out where nothing follows; and what follows after a flush. */
  #last = 0;
  readonly #tail = createSampleFifo();
  /** Samples of time for which audio has waited, and since there was none. */
  #waited = 0;
  #dry = 0;

  constructor(format: PlaybackFormat, outputRate: number) {
    this.#format = format;
    this.#resampler = createResampler(format.sampleRate, outputRate);
    const none = { bytes: 0, played: 0, refused: 0, flushed: 0, underruns: 0, playing: false };
    this.status = { ...none, fnv1a: 0x811c9dc5, bufferMs: BUFFER_MS.first };
  }

  /** Takes PCM16 bytes, which may end in the middle of a sample. What it refuses it counts. */
  push(bytes: Uint8Array): void {
    const { status } = this;
    let hash = status.fnv1a;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
    status.fnv1a = hash >>> 0;
    status.bytes += bytes.length;
    const samples = this.#decode(bytes);
    const { budgetSeconds } = this.#format;
    if (this.#waiting.length + samples.length > this.#samplesIn(budgetSeconds * 1000))
      status.refused += samples.length;
    else this.#waiting.push(samples);
  }

  /** Drops what waits and fades out what is being heard. */
  flush(): void {
    const waiting = this.#waiting;
    const rest = this.#flowing ? Math.min(waiting.length, this.#samplesIn(FADE_MS)) : 0;
    this.#tail.push(Float32Array.from({ length: rest }, () => this.#take()));
    this.status.flushed = waiting.length;
    waiting.clear();
    this.#waited = 0;
    this.status.playing = this.#flowing = false;
  }

  /** Fills `output` with the next samples at the output rate; silence where there are none. */
  render(output: Float32Array): void {
    if (!this.#waiting.length && this.#isPaused()) return void output.fill(0);
    for (let i = 0; i < output.length; i++) {
      let sample: number | undefined;
      while ((sample = this.#resampler.pull()) === undefined) this.#resampler.push(this.#next());
      output[i] = sample;
    }
  }

  #next(): number {
    const { length } = this.#waiting;
    const buffer = this.#samplesIn(this.status.bufferMs);
    if (!length) {
      this.#flowing = false;
      this.#dry++;
      if (this.#isPaused()) this.status.playing = false;
    } else if (!this.#flowing && !this.#gain && (length >= buffer || ++this.#waited >= buffer)) this.#begin();
    const sample = this.#tail.length ? this.#tail.take() : this.#flowing ? this.#take() : this.#last;
    const step = (this.#flowing ? 1 : -1) / this.#samplesIn(FADE_MS);
    this.#gain = Math.max(0, Math.min(1, this.#gain + step));
    return sample * this.#gain;
  }

  /** After a pause sound begins as it is; after an underrun it fades in, and the buffer will be longer. */
  #begin(): void {
    const { status } = this;
    this.#flowing = true;
    this.#waited = 0;
    if (status.playing) {
      status.underruns++;
      this.#lengthenBuffer(BUFFER_MS.step);
    } else this.#gain = 1;
    status.playing = true;
  }

  #take(): number {
    this.#dry = 0;
    if (++this.status.played % this.#samplesIn(CALM_MS) === 0) this.#lengthenBuffer(-BUFFER_MS.step);
    return (this.#last = this.#waiting.take());
  }

  #isPaused(): boolean {
    return this.#dry > this.#samplesIn(BUFFER_MS.most);
  }

  #samplesIn(ms: number): number {
    return (ms * this.#format.sampleRate) / 1000;
  }

  #lengthenBuffer(ms: number): void {
    this.status.bufferMs = Math.max(BUFFER_MS.first, Math.min(BUFFER_MS.most, this.status.bufferMs + ms));
  }
}
