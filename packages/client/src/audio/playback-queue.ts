/**
 * What is heard and when: start-up buffer, underruns, click-free cut-off, budget, and the account of it all.
 * Pure and without a clock: time is the number of samples asked for. Rendering to a device is the worklet's part.
 */
import { createPcm16Decoder } from './pcm.ts';
import { createResampler, type Resampler } from './resampler.ts';

export interface PlaybackFormat {
  /** Rate of the pushed PCM16 in Hz. */
  sampleRate: number;
  /** Most seconds of audio that may wait; a chunk that would exceed it is refused whole. */
  budgetSeconds: number;
}

/** Counts are cumulative, and in samples of the pushed audio, unless they say otherwise. */
export interface PlaybackStatus {
  /** Bytes that entered, and their FNV-1a (32 bit), whatever became of them later. */
  bytes: number;
  fnv1a: number;
  /** Samples rendered, flushed unheard, and refused because over the budget. */
  played: number;
  flushed: number;
  refused: number;
  /** Samples waiting now. */
  queued: number;
  /** Gaps in the midst of playing that a longer start-up buffer could have hidden. */
  underruns: number;
  /** Samples that must now be waiting before playing begins. */
  buffer: number;
  playing: boolean;
}

/** Start-up buffer: at first, added by each underrun, at most. A gap longer than the most is a pause. */
const BUFFER_MS = { first: 60, step: 20, most: 240 };
/** So much audio without an underrun takes one step off the buffer. */
const CALM_MS = 10_000;
/** Fade of a flush, and on both sides of an underrun. */
const FADE_MS = 10;

export class PlaybackQueue {
  readonly status: PlaybackStatus;
  readonly #samplesPerMs: number;
  readonly #budget: number;
  readonly #decode = createPcm16Decoder();
  readonly #resampler: Resampler;
  #chunks: Float32Array[] = [];
  #head = 0;
  /** Whether samples are being taken, as opposed to waiting in the start-up buffer. */
  #flowing = false;
  /** Samples of time for which audio has waited, for which there was none, since the last underrun. */
  #waited = 0;
  #dry = 0;
  #calm = 0;
  /** The sample heard last; samples of the fade-in done; the fade-out and how much of it is done. */
  #last = 0;
  #risen = 0;
  #fade = new Float32Array();
  #faded = 0;

  constructor({ sampleRate, budgetSeconds }: PlaybackFormat, outputRate: number) {
    this.#samplesPerMs = sampleRate / 1000;
    this.#budget = budgetSeconds * sampleRate;
    this.#resampler = createResampler(sampleRate, outputRate);
    const none = { bytes: 0, played: 0, flushed: 0, refused: 0, queued: 0, underruns: 0, playing: false };
    this.status = { ...none, fnv1a: 0x811c9dc5, buffer: BUFFER_MS.first * this.#samplesPerMs };
  }

  /** Takes PCM16 bytes, which may end in the middle of a sample. What it refuses it counts. */
  push(bytes: Uint8Array): void {
    const { status } = this;
    let hash = status.fnv1a;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
    status.fnv1a = hash >>> 0;
    status.bytes += bytes.length;
    const samples = this.#decode(bytes);
    if (!samples.length) return;
    if (status.queued + samples.length > this.#budget) {
      status.refused += samples.length;
      return;
    }
    status.queued += samples.length;
    this.#chunks.push(samples);
  }

  /** Drops what waits and fades out what is being heard. */
  flush(): void {
    const { status } = this;
    if (this.#flowing) this.#fadeOut();
    status.flushed += status.queued;
    status.queued = this.#head = this.#waited = 0;
    this.#chunks = [];
    status.playing = false;
  }

  /** Fills `output` with the next samples at the output rate; silence where there are none. */
  render(output: Float32Array): void {
    for (let i = 0; i < output.length; i++) {
      let sample: number | undefined;
      while ((sample = this.#resampler.pull()) === undefined) this.#resampler.push(this.#next());
      output[i] = sample;
    }
  }

  #next(): number {
    const { status } = this;
    if (!status.queued) {
      if (this.#flowing) this.#fadeOut();
      if (++this.#dry > BUFFER_MS.most * this.#samplesPerMs) status.playing = false;
    } else if (!this.#flowing && (status.queued >= status.buffer || ++this.#waited >= status.buffer)) {
      this.#begin();
    }
    const sample = this.#flowing ? this.#take() : 0;
    return this.#faded < this.#fade.length ? sample + (this.#fade[this.#faded++] as number) : sample;
  }

  /** Starts the flow: after a pause as it is, after an underrun with a fade-in and a longer buffer next time. */
  #begin(): void {
    const { status } = this;
    this.#flowing = true;
    this.#waited = 0;
    if (status.playing) {
      status.underruns++;
      this.#calm = this.#risen = 0;
      this.#resizeBuffer(BUFFER_MS.step);
    } else {
      status.playing = true;
      this.#risen = FADE_MS * this.#samplesPerMs;
    }
  }

  #take(): number {
    const { status } = this;
    const chunk = this.#chunks[0] as Float32Array;
    const sample = chunk[this.#head++] as number;
    if (this.#head === chunk.length) {
      this.#chunks.shift();
      this.#head = 0;
    }
    status.queued--;
    status.played++;
    if (++this.#calm >= CALM_MS * this.#samplesPerMs) {
      this.#calm = 0;
      this.#resizeBuffer(-BUFFER_MS.step);
    }
    return (this.#last = sample * Math.min(1, this.#risen++ / (FADE_MS * this.#samplesPerMs)));
  }

  #resizeBuffer(ms: number): void {
    const { first, most } = BUFFER_MS;
    const wanted = this.status.buffer / this.#samplesPerMs + ms;
    this.status.buffer = Math.max(first, Math.min(most, wanted)) * this.#samplesPerMs;
  }

  /** Stops the flow; the next samples, or the last one held where there are none, ebb away instead of ending. */
  #fadeOut(): void {
    const length = Math.round(FADE_MS * this.#samplesPerMs);
    const before = this.#fade.subarray(this.#faded);
    this.#fade = Float32Array.from(
      { length },
      (_, i) => (this.status.queued ? this.#take() : this.#last) * (1 - (i + 1) / length) + (before[i] ?? 0),
    );
    this.#faded = this.#dry = 0;
    this.#flowing = false;
  }
}
