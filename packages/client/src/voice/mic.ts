/** One microphone, or what stands in for it, for the length of a session; opened late and let go at once. */
import type { Capture, CaptureOptions, CaptureSource } from '../audio/capture.ts';
import type { MediaError } from '../audio/media-error.ts';
import type { VoxError } from '../errors.ts';
import type { AudioLoader, VoiceAudio } from './audio-loader.ts';
import { INPUT_SAMPLE_RATE } from './default-settings.ts';

export interface MicOptions {
  readonly audio: AudioLoader;
  /** Format, devices, worklets: everything but the callbacks. */
  readonly capture: Omit<CaptureOptions, 'onFrame' | 'onLevel' | 'onError'>;
  readonly onFrame: (frame: Uint8Array<ArrayBuffer>) => void;
  readonly onLevel: (level: number) => void;
  /** Told when `isOn` or `isMuted` changed. */
  readonly onChange: () => void;
  /** Told once why a start failed that nobody stopped, and when the device was lost. */
  readonly onError: (error: MediaError | VoxError) => void;
}

/** An agent that hears no pause never takes its turn; a second of silence, in bytes. */
const PAUSE_BYTES = 2 * INPUT_SAMPLE_RATE;

export class Mic {
  isOn = false;
  isMuted = false;
  readonly #options: MicOptions;
  #deviceId: string | undefined;
  #capture: Capture | undefined;
  /** Counts starts and stops, so that a start which waited knows whether it is still wanted. */
  #run = 0;
  /** Silence told since it was muted. */
  #mutedBytes = 0;
  #started: Promise<void> | undefined;

  constructor(options: MicOptions) {
    this.#options = options;
    this.#deviceId = options.capture.deviceId;
  }

  /**
   * Call it in a user gesture. While starting or on, the same promise. Rejects with MediaError, with
   * ConnectionError when the audio part cannot be loaded, and with AbortError when stop() comes first.
   */
  start(source?: CaptureSource): Promise<void> {
    if (this.#started) return this.#started;
    const run = ++this.#run;
    const started = this.#start(run, source);
    if (run === this.#run) this.#started = started;
    return started;
  }

  /** As stop(), and lets the agent hear a pause. */
  fallSilent(): void {
    if (this.isOn) this.#options.onFrame(new Uint8Array(PAUSE_BYTES));
    this.stop();
  }

  /** Ends the microphone in this very task. */
  stop(): void {
    this.#run++;
    this.#started = undefined;
    this.#capture?.stop();
    this.#capture = undefined;
    this.#options.onLevel(0);
    this.#set({ isOn: false });
  }

  /** Lasts over stop() and start(). */
  setMuted(isMuted: boolean): void {
    this.#mutedBytes = 0;
    this.#capture?.setMuted(isMuted);
    this.#set({ isMuted });
  }

  /** Lasts over stop() and start(). Rejects as a Capture does, with the old device still in use. */
  async setDevice(deviceId: string | undefined): Promise<void> {
    await this.#capture?.setDevice(deviceId);
    this.#deviceId = deviceId;
  }

  /** Up to the first wait it runs within start(), so within the user's gesture. */
  async #start(run: number, source: CaptureSource | undefined): Promise<void> {
    const { audio } = this.#options;
    try {
      const parts = audio.loaded ?? (await audio.load());
      this.#assertWanted(run);
      const capture = (this.#capture = this.#createCapture(parts, source));
      await capture.start();
      this.#assertWanted(run);
      this.#set({ isOn: true });
    } catch (error) {
      if (run === this.#run) this.#fail(error as MediaError | VoxError);
      throw error;
    }
  }

  #assertWanted(run: number): void {
    if (run !== this.#run) throw new DOMException('The microphone was stopped.', 'AbortError');
  }

  #createCapture({ createCapture }: VoiceAudio, source: CaptureSource | undefined): Capture {
    const { capture: options, onLevel } = this.#options;
    const capture = createCapture({
      ...options,
      deviceId: this.#deviceId,
      ...(source && { source }),
      onFrame: (frame) => this.#onFrame(frame),
      onLevel,
      onError: (error) => this.#capture === capture && this.#fail(error),
    });
    capture.setMuted(this.isMuted);
    return capture;
  }

  /** Muted, it is heard falling silent, and then no more. */
  #onFrame(frame: Uint8Array<ArrayBuffer>): void {
    if (this.isMuted && (this.#mutedBytes += frame.length) > PAUSE_BYTES) return;
    this.#options.onFrame(frame);
  }

  #fail(error: MediaError | VoxError): void {
    this.stop();
    this.#options.onError(error);
  }

  #set(state: { isOn?: boolean; isMuted?: boolean }): void {
    Object.assign(this, state);
    this.#options.onChange();
  }
}
