/**
 * Plays a stream of PCM16 as it arrives, and knows truthfully what was heard. Leaves to the caller which audio
 * belongs to which turn.
 */
import { sharedAudioContext, type AudioLease, type SharedAudioContext } from './audio-context.ts';
import { orAborted } from './lifetime.ts';
import type { MediaError } from './media-error.ts';
import type { PlaybackFormat } from './playback-queue.ts';
import { createWorkletNode, type WorkletUrl } from './worklet-loader.ts';
import type { PlaybackCommand, PlaybackReport } from './worklets/playback-processor.ts';

export type PlaybackState = 'playing' | 'idle';

export interface PlaybackOptions {
  /** Rate of the pushed audio in Hz; default 24000. */
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
   * Resolves when sound can be heard. Rejects with MediaError `autoplay-blocked` (audio is kept; call resume() in
   * a user gesture) or `worklet-blocked` (the playback is closed), or with AbortError when closed before.
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

/** What is remembered of a report. */
type Account = Pick<PlaybackReport, 'played' | 'flushed' | 'refused' | 'underruns' | 'playing'>;

type Message = Uint8Array<ArrayBuffer> | PlaybackCommand;

interface Question {
  resolve: (report: PlaybackReport & { newlyFlushed: number }) => void;
  reject: (reason: unknown) => void;
}

const VOLUME_GLIDE_SECONDS = 0.01;

class QueuedPlayback implements Playback {
  readonly ready: Promise<void>;
  readonly #options: PlaybackOptions;
  readonly #format: PlaybackFormat;
  readonly #lease: AudioLease;
  readonly #volume: GainNode;
  readonly #life = new AbortController();
  /** Messages sent before there was a worklet, and the bytes in them. */
  #held: Message[] = [];
  #heldBytes = 0;
  #node: AudioWorkletNode | undefined;
  #questions: Question[] = [];
  #last: Account;

  constructor(options: PlaybackOptions) {
    const {
      sampleRate = 24_000,
      budgetSeconds = 120,
      volume = 1,
      audioContext = sharedAudioContext,
    } = options;
    this.#options = options;
    this.#format = { sampleRate, budgetSeconds };
    this.#last = { played: 0, flushed: 0, refused: 0, underruns: 0, playing: false };
    this.#lease = audioContext.acquire();
    const { context } = this.#lease;
    this.#volume = new GainNode(context, { gain: volume });
    this.#volume.connect(context.destination);
    this.ready = orAborted(this.#life.signal, this.#open(context));
    this.ready.catch(() => {});
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
    if (!this.#node && (this.#heldBytes += bytes.length) > budgetSeconds * sampleRate * 2) {
      this.#heldBytes -= bytes.length;
      this.#options.onOverflow?.(this.#msOf(bytes.length / 2));
    } else this.#send(bytes);
  }

  async flush(): Promise<{ playedMs: number; flushedMs: number }> {
    const { played, newlyFlushed } = await this.#ask('flush');
    return { playedMs: this.#msOf(played), flushedMs: this.#msOf(newlyFlushed) };
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
    this.#end();
  }

  async #open(context: AudioContext): Promise<void> {
    const { signal } = this.#life;
    const options = { numberOfInputs: 0, outputChannelCount: [1], processorOptions: this.#format };
    try {
      const node = await createWorkletNode(context, 'playback', options, this.#options.workletUrl);
      if (signal.aborted) return endNode(node);
      this.#node = node;
      node.port.onmessage = ({ data }) => this.#onReport(data);
      node.connect(this.#volume);
      for (const message of this.#held.splice(0)) this.#send(message);
      await this.#lease.resume();
    } catch (error) {
      if (signal.aborted) return;
      if (!this.#node) this.#end(error);
      this.#options.onError?.(error as MediaError);
      throw error;
    }
  }

  #ask(command: 'flush' | 'report'): Promise<PlaybackReport & { newlyFlushed: number }> {
    return new Promise((resolve, reject) => {
      if (this.#life.signal.aborted) return reject(this.#life.signal.reason);
      this.#questions.push({ resolve, reject });
      this.#send(command);
    });
  }

  #send(message: Message): void {
    if (this.#life.signal.aborted) return;
    if (!this.#node) this.#held.push(message);
    else this.#node.port.postMessage(message, typeof message === 'string' ? [] : [message.buffer]);
  }

  #onReport(report: Account & PlaybackReport): void {
    const { onState, onLevel, onOverflow } = this.#options;
    const last = this.#last;
    this.#last = report;
    if (report.reply)
      this.#questions.shift()?.resolve({ ...report, newlyFlushed: report.flushed - last.flushed });
    if (report.refused > last.refused) onOverflow?.(this.#msOf(report.refused - last.refused));
    if (report.playing !== last.playing) onState?.(this.state);
    if (report.level !== undefined) onLevel?.(report.level);
  }

  #end(reason?: unknown): void {
    const { signal } = this.#life;
    if (signal.aborted) return;
    this.#life.abort(reason);
    this.#held = [];
    if (this.#node) endNode(this.#node);
    this.#volume.disconnect();
    this.#lease.release();
    for (const { reject } of this.#questions.splice(0)) reject(signal.reason);
    if (this.#last.playing) this.#onReport({ ...this.#last, playing: false, level: 0 });
  }

  #msOf(samples: number): number {
    return (samples / this.#format.sampleRate) * 1000;
  }
}

/** Without the message the processor would run on for as long as the context lives. */
function endNode(node: AudioWorkletNode): void {
  node.port.onmessage = null;
  node.port.postMessage('close' satisfies PlaybackCommand);
  node.disconnect();
}
