/**
 * Plays a stream of PCM16 as it arrives, and knows truthfully what was heard. Leaves to the caller which audio
 * belongs to which turn.
 */
import { sharedAudioContext, type AudioLease, type SharedAudioContext } from './audio-context.ts';
import { orAborted } from './lifetime.ts';
import type { MediaError } from './media-error.ts';
import type { PlaybackFormat } from './playback-queue.ts';
import { createWorkletNode, endWorkletNode, type WorkletUrl } from './worklet-loader.ts';
import type { PlaybackCommand, PlaybackReport } from './worklets/playback-processor.ts';

export type PlaybackState = 'playing' | 'idle';

export interface PlaybackOptions {
  /** Rate of the pushed audio in Hz, whole, 8000 to 48000; default 24000. */
  sampleRate?: number;
  /** Most seconds of audio that may wait to be heard; default 120. What exceeds it is refused: see onOverflow. */
  budgetSeconds?: number;
  /** 0 (silent) to 1 (as recorded), more amplifies; default 1. */
  volume?: number;
  /** `playing` once sound begins, `idle` when none is left or it was flushed. A short gap is not idle. */
  onState?: (state: PlaybackState) => void;
  /** Gets the loudness (RMS, 0..1) at most 30 times a second while there is sound, and 0 after it. */
  onLevel?: (level: number) => void;
  /** Gets the milliseconds of pushed audio that were refused because they exceeded the budget. */
  onOverflow?: (refusedMs: number) => void;
  /** Told what `ready` rejects with. */
  onError?: (error: MediaError) => void;
  /** Default: the worklet inlined in this package, loaded as a blob: URL. */
  workletUrl?: WorkletUrl;
  /** Default: the one context that all captures and playbacks of the page share. */
  audioContext?: SharedAudioContext;
}

export interface Playback {
  /**
   * Resolves when sound can be heard. Rejects with MediaError `autoplay-blocked` (what is pushed waits; call
   * resume() in a user gesture) or `worklet-blocked` (what is pushed is lost), or with AbortError on close().
   */
  readonly ready: Promise<void>;
  readonly state: PlaybackState;
  /** Milliseconds of pushed audio rendered so far, by the last of the regular reports; flush() knows exactly. */
  readonly playedMs: number;
  /** Gaps in the midst of playing so far. Each lengthens the start-up buffer for a while. */
  readonly underruns: number;
  /** Takes mono PCM16 little endian; a chunk may end within a sample. Copies, so the chunk stays the caller's. */
  push(chunk: ArrayBuffer | Uint8Array): void;
  /** Fades out within 10 ms and drops what waits. Rejects with AbortError when closed. */
  flush(): Promise<{ playedMs: number; flushedMs: number }>;
  setVolume(volume: number): void;
  /** For a user gesture after `autoplay-blocked`, which it may reject with again. */
  resume(): Promise<void>;
  /** What has entered the worklet: bytes, and their FNV-1a (32 bit). Rejects with AbortError when closed. */
  received(): Promise<{ bytes: number; fnv1a: number }>;
  /** Ends the sound in this very task; safe to call twice. */
  close(): void;
}

/** Call it in a user gesture. Throws MediaError `insecure-context` or `unsupported`. */
export function createPlayback(options: PlaybackOptions = {}): Playback {
  return new QueuedPlayback(options);
}

const VOLUME_GLIDE_SECONDS = 0.01;

class QueuedPlayback implements Playback {
  readonly ready: Promise<void>;
  readonly #options: PlaybackOptions;
  readonly #format: PlaybackFormat;
  readonly #lease: AudioLease;
  readonly #volume: GainNode;
  readonly #life = new AbortController();
  readonly #node: Promise<AudioWorkletNode>;
  /** Bytes that wait for the node. */
  #unsent = 0;
  #replies: ((report: PlaybackReport) => void)[] = [];
  #last = { played: 0, refused: 0, underruns: 0, playing: false } as PlaybackReport;

  constructor(options: PlaybackOptions) {
    const {
      sampleRate = 24_000,
      budgetSeconds = 120,
      volume = 1,
      audioContext = sharedAudioContext,
    } = options;
    this.#options = options;
    this.#format = { sampleRate, budgetSeconds };
    this.#lease = audioContext.acquire();
    const { context } = this.#lease;
    this.#volume = new GainNode(context, { gain: volume });
    this.#volume.connect(context.destination);
    this.#node = this.#createNode(context);
    const audible = this.#node.then(() => this.#lease.resume());
    this.ready = orAborted(this.#life.signal, audible);
    this.ready.catch((error) => this.#life.signal.aborted || options.onError?.(error));
  }

  get state(): PlaybackState {
    return this.#last.playing ? 'playing' : 'idle';
  }

  get playedMs(): number {
    return this.#msOf(this.#last.played);
  }

  get underruns(): number {
    return this.#last.underruns;
  }

  push(chunk: ArrayBuffer | Uint8Array): void {
    const bytes = new Uint8Array(chunk.slice(0));
    const { sampleRate, budgetSeconds } = this.#format;
    if (this.#unsent + bytes.length > budgetSeconds * sampleRate * 2) {
      return this.#options.onOverflow?.(this.#msOf(bytes.length / 2));
    }
    this.#unsent += bytes.length;
    void this.#node.then(
      ({ port }) => {
        this.#unsent -= bytes.length;
        port.postMessage(bytes, [bytes.buffer]);
      },
      () => {},
    );
  }

  async flush(): Promise<{ playedMs: number; flushedMs: number }> {
    const { played, flushed } = await this.#ask('flush');
    return { playedMs: this.#msOf(played), flushedMs: this.#msOf(flushed) };
  }

  setVolume(volume: number): void {
    this.#volume.gain.setTargetAtTime(volume, this.#lease.context.currentTime, VOLUME_GLIDE_SECONDS);
  }

  resume(): Promise<void> {
    return this.#lease.resume();
  }

  async received(): Promise<{ bytes: number; fnv1a: number }> {
    const { bytes, fnv1a } = await this.#ask('report');
    return { bytes, fnv1a };
  }

  close(): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort();
    void this.#node.then(endWorkletNode, () => {});
    this.#volume.disconnect();
    this.#lease.release();
    if (this.#last.playing) this.#onReport({ ...this.#last, playing: false, level: 0 });
  }

  async #createNode(context: AudioContext): Promise<AudioWorkletNode> {
    const options = { processorOptions: this.#format };
    const node = await createWorkletNode(context, 'playback', options, this.#options.workletUrl);
    node.port.onmessage = ({ data }) => this.#onReport(data);
    node.connect(this.#volume);
    return node;
  }

  #ask(command: PlaybackCommand): Promise<PlaybackReport> {
    const reply = this.#node.then(({ port }) => {
      port.postMessage(command);
      return new Promise<PlaybackReport>((resolve) => this.#replies.push(resolve));
    });
    return orAborted(this.#life.signal, reply);
  }

  #onReport(report: PlaybackReport): void {
    const { onState, onLevel, onOverflow } = this.#options;
    const before = this.#last;
    this.#last = report;
    if (report.refused > before.refused) onOverflow?.(this.#msOf(report.refused - before.refused));
    if (report.playing !== before.playing) onState?.(this.state);
    if (report.level === undefined) this.#replies.shift()?.(report);
    else onLevel?.(report.level);
  }

  #msOf(samples: number): number {
    return (samples / this.#format.sampleRate) * 1000;
  }
}
