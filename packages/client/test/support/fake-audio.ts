/** Stands in for the audio part: no sound, but an account of what was opened, played and let go. */
import type { Capture, CaptureOptions, CaptureSource } from '../../src/audio/capture.ts';
import type { Playback, PlaybackOptions } from '../../src/audio/playback.ts';
import type { VoiceAudio } from '../../src/voice/audio-loader.ts';

export class FakeCapture implements Capture {
  readonly options: CaptureOptions;
  isRunning = false;
  isMuted = false;
  deviceId: string | undefined;
  failure: Error | undefined;
  #stopped: ((reason: unknown) => void) | undefined;

  constructor(options: CaptureOptions, failure: Error | undefined) {
    this.options = options;
    this.deviceId = options.deviceId;
    this.failure = failure;
  }

  get source(): CaptureSource | undefined {
    return this.options.source;
  }

  async start(): Promise<void> {
    if (this.failure) throw this.failure;
    this.isRunning = true;
    await Promise.race([Promise.resolve(), new Promise((_, reject) => (this.#stopped = reject))]);
  }

  stop(): void {
    this.isRunning = false;
    this.#stopped?.(new DOMException('stopped', 'AbortError'));
  }

  setMuted(muted: boolean): void {
    this.isMuted = muted;
  }

  async setDevice(deviceId: string | undefined): Promise<void> {
    this.deviceId = deviceId;
  }

  /** The microphone hears something. */
  hear(...bytes: number[]): void {
    if (this.isRunning) this.options.onFrame(new Uint8Array(bytes));
  }
}

export class FakePlayback implements Playback {
  readonly options: PlaybackOptions;
  readonly ready = Promise.resolve();
  readonly playedMs = 0;
  readonly underruns = 0;
  state: 'playing' | 'idle' = 'idle';
  isOpen = true;
  volume: number;
  resumes = 0;
  flushes = 0;
  pushed: number[][] = [];

  constructor(options: PlaybackOptions) {
    this.options = options;
    this.volume = options.volume ?? 1;
  }

  push(chunk: ArrayBuffer | Uint8Array): void {
    this.pushed.push([...new Uint8Array(chunk)]);
  }

  async flush(): Promise<{ playedMs: number; flushedMs: number }> {
    this.flushes++;
    return { playedMs: 40, flushedMs: 60 };
  }

  setVolume(volume: number): void {
    this.volume = volume;
  }

  async resume(): Promise<void> {
    this.resumes++;
  }

  async received(): Promise<{ bytes: number; fnv1a: number }> {
    return { bytes: this.pushed.flat().length, fnv1a: 1 };
  }

  close(): void {
    this.isOpen = false;
  }

  /** Sound begins, or has been played to its end. */
  turn(state: 'playing' | 'idle'): void {
    this.state = state;
    this.options.onState?.(state);
  }
}

export interface FakeAudio {
  readonly captures: FakeCapture[];
  readonly playbacks: FakePlayback[];
  /** What the next captures fail with. */
  failure: Error | undefined;
  readonly loads: number;
  readonly load: () => Promise<VoiceAudio>;
}

export function createFakeAudio(): FakeAudio {
  const audio = {
    captures: [] as FakeCapture[],
    playbacks: [] as FakePlayback[],
    failure: undefined as Error | undefined,
    loads: 0,
    async load(): Promise<VoiceAudio> {
      audio.loads++;
      return {
        createCapture: (options) => keep(audio.captures, new FakeCapture(options, audio.failure)),
        createPlayback: (options = {}) => keep(audio.playbacks, new FakePlayback(options)),
      };
    },
  };
  return audio;
}

function keep<T>(list: T[], item: T): T {
  list.push(item);
  return item;
}
