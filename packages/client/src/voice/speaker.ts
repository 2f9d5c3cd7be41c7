/** The playback of one session: opened late, closed at once, and asked only whether what was pushed has been heard. */
import type { Playback, PlaybackOptions } from '../audio/playback.ts';
import type { MediaError } from '../audio/media-error.ts';
import type { VoxError } from '../errors.ts';
import type { AudioLoader } from './audio-loader.ts';

export interface SpeakerOptions {
  readonly audio: AudioLoader;
  readonly playback: PlaybackOptions;
  readonly onLevel: (level: number) => void;
  /** Told when `isPlaying` or `isUnheard` changed. */
  readonly onChange: () => void;
  readonly onError: (error: MediaError | VoxError) => void;
}

/** Far more than arrives while the audio part is being loaded. */
const MAX_EARLY_CHUNKS = 1_000;

export class Speaker {
  isPlaying = false;
  /** Something was pushed that has not been played to its end. */
  isUnheard = false;
  readonly #options: SpeakerOptions;
  #volume = 1;
  #playback: Playback | undefined;
  /** Chunks that came before there was a playback; undefined while closed, when nothing is kept. */
  #early: Uint8Array<ArrayBuffer>[] | undefined;

  constructor(options: SpeakerOptions) {
    this.#options = options;
  }

  /** Call it in a user gesture; while open, a playback that the browser holds back is asked to go on. */
  open(): void {
    if (this.#playback) return void this.#playback.resume().catch(this.#options.onError);
    if (this.#early) return;
    const early = (this.#early = []);
    const { loaded } = this.#options.audio;
    if (loaded) return this.#create(loaded.createPlayback);
    this.#options.audio.load().then(
      (audio) => this.#early === early && this.#create(audio.createPlayback),
      (error) => this.#early === early && this.#fail(error),
    );
  }

  /** While closed, what is pushed is not heard. */
  push(chunk: Uint8Array<ArrayBuffer>): void {
    if (!this.#early) return;
    this.isUnheard = true;
    if (this.#playback) this.#playback.push(chunk);
    else if (this.#early.length < MAX_EARLY_CHUNKS) this.#early.push(chunk);
  }

  /** Silence at once. Resolves with what was heard before; with nothing while closed. */
  async flush(): Promise<{ playedMs: number; flushedMs: number } | undefined> {
    const flushed = this.#playback?.flush();
    this.#early?.splice(0);
    this.#heard();
    return flushed;
  }

  /** 0 (silent) to 1 (as received); lasts over close() and open(). */
  setVolume(volume: number): void {
    this.#volume = volume;
    this.#playback?.setVolume(volume);
  }

  /** What has entered the playback. Rejects with AbortError while closed. */
  async received(): Promise<{ bytes: number; fnv1a: number }> {
    if (!this.#playback) throw new DOMException('Nothing is open to play.', 'AbortError');
    return this.#playback.received();
  }

  /** Ends the sound in this very task; safe to call twice. */
  close(): void {
    if (!this.#early) return;
    const playback = this.#playback;
    this.#playback = this.#early = undefined;
    playback?.close();
    this.#options.onLevel(0);
    this.#heard();
  }

  #create(createPlayback: (options: PlaybackOptions) => Playback): void {
    const { playback: options, onLevel, onError } = this.#options;
    try {
      const playback: Playback = createPlayback({
        ...options,
        volume: this.#volume,
        onLevel,
        onState: (state) => this.#playback === playback && this.#onState(state === 'playing'),
        onError: (error) => (error.code === 'autoplay-blocked' ? onError(error) : this.#fail(error)),
      });
      this.#playback = playback;
      for (const chunk of this.#early?.splice(0) ?? []) playback.push(chunk);
    } catch (error) {
      this.#fail(error as MediaError);
    }
  }

  #fail(error: MediaError | VoxError): void {
    this.close();
    this.#options.onError(error);
  }

  #onState(isPlaying: boolean): void {
    if (!isPlaying) return this.#heard();
    this.isPlaying = this.isUnheard = true;
    this.#options.onChange();
  }

  #heard(): void {
    this.isPlaying = this.isUnheard = false;
    this.#options.onChange();
  }
}
