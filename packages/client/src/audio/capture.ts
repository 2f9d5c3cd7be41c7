/**
 * Turns a microphone, or any other source of sound, into PCM16 frames of equal length. Leaves sending them, and
 * what to do when a device is lost, to the caller.
 */
import { sharedAudioContext, type SharedAudioContext } from './audio-context.ts';
import { orAborted, undoOn } from './lifetime.ts';
import { MediaError } from './media-error.ts';
import { openMicrophone, type MicrophoneOptions } from './microphone.ts';
import { createWorkletNode, endWorkletNode, type WorkletUrl } from './worklet-loader.ts';

/** What may stand in for the microphone: a stream, or a maker of a node, called when its sound can be taken. */
export type CaptureSource = MediaStream | ((context: AudioContext) => AudioNode | Promise<AudioNode>);

export interface CaptureOptions extends MicrophoneOptions {
  /** Gets each frame: 20 ms of mono PCM16 little endian. */
  onFrame: (frame: Uint8Array<ArrayBuffer>) => void;
  /** Rate of the frames in Hz, whole, 8000 to 48000; default 16000, which makes 640 bytes a frame. */
  sampleRate?: number;
  /** Gets the loudness (RMS, 0..1) at most 30 times a second. */
  onLevel?: (level: number) => void;
  /** Told of `device-lost`; the capture has stopped by then. What start() rejects with is not repeated here. */
  onError?: (error: MediaError) => void;
  /** Default: the microphone. The tracks of a given stream are not stopped, for they are their owner's. */
  source?: CaptureSource;
  /** Default: the worklet inlined in this package, loaded as a blob: URL. */
  workletUrl?: WorkletUrl;
  /** Default: the one context that all captures and playbacks of the page share. */
  audioContext?: SharedAudioContext;
}

export interface Capture {
  /**
   * Call it in a user gesture. Resolves when the source is connected; while started, it opens nothing more.
   * Rejects with MediaError, or with AbortError as soon as stop() is called.
   */
  start(): Promise<void>;
  /** Ends the frames and the microphone in this very task; safe to call at any time. */
  stop(): void;
  /** While muted the frames go on, as silence. */
  setMuted(muted: boolean): void;
  /**
   * Changes to this microphone (undefined: the preferred one) without a break in the frames; before start() it only
   * remembers it. Rejects with MediaError, and the old source stays, or with AbortError when overtaken.
   */
  setDevice(deviceId: string | undefined): Promise<void>;
}

/** Opens nothing yet. */
export function createCapture(options: CaptureOptions): Capture {
  return new SoundCapture(options);
}

class SoundCapture implements Capture {
  readonly #options: CaptureOptions;
  #started: Promise<void> | undefined;
  /** The lives of the sound in use and of the one being opened. */
  #current: AbortController | undefined;
  #next: AbortController | undefined;
  #isMuted = false;
  #isOdd = false;

  constructor(options: CaptureOptions) {
    this.#options = { ...options };
  }

  start(): Promise<void> {
    return (this.#started ??= this.#open());
  }

  stop(): void {
    this.#next?.abort();
    this.#current?.abort();
    this.#started = this.#current = this.#next = undefined;
  }

  setMuted(isMuted: boolean): void {
    this.#isMuted = isMuted;
  }

  async setDevice(deviceId: string | undefined): Promise<void> {
    this.#options.deviceId = deviceId;
    delete this.#options.source;
    const started = this.#started;
    await started;
    if (started && started === this.#started) await this.#open();
  }

  /** Opens what the options name now, and only then lets go of what was in use. */
  async #open(): Promise<void> {
    this.#next?.abort();
    const life = (this.#next = new AbortController());
    try {
      await orAborted(life.signal, this.#connect(life));
    } catch (error) {
      life.abort();
      if (this.#next === life) this.#next = undefined;
      if (!this.#current && !this.#next) this.#started = undefined;
      throw error;
    }
    this.#current?.abort();
    this.#current = life;
    this.#next = undefined;
  }

  async #connect(life: AbortController): Promise<void> {
    const { audioContext = sharedAudioContext, sampleRate = 16_000, workletUrl } = this.#options;
    const { signal } = life;
    const lease = audioContext.acquire();
    undoOn(signal, lease.release);
    await lease.resume();
    const { context } = lease;
    const options = {
      channelCount: 1,
      channelCountMode: 'explicit',
      processorOptions: { sampleRate },
    } as const;
    const node = await createWorkletNode(context, 'capture', options, workletUrl);
    undoOn(signal, () => endWorkletNode(node));
    const source = await this.#openSource(context, life);
    signal.throwIfAborted();
    // The output is silent, but some browsers run only what leads to the speaker.
    source.connect(node).connect(context.destination);
    undoOn(signal, () => source.disconnect(node));
    node.port.onmessage = ({ data }) => this.#onFrame(data[0], data[1]);
  }

  async #openSource(context: AudioContext, life: AbortController): Promise<AudioNode> {
    const { source } = this.#options;
    const { signal } = life;
    if (typeof source === 'function') return source(context);
    const stream = source ?? (await openMicrophone(this.#options));
    for (const track of stream.getTracks()) {
      if (!source) undoOn(signal, () => track.stop());
      track.addEventListener('ended', () => this.#onEnded(life), { signal });
    }
    return context.createMediaStreamSource(stream);
  }

  /** Where another source is on its way, the loss ends nothing. */
  #onEnded(life: AbortController): void {
    if (life !== this.#current) return;
    life.abort();
    this.#current = undefined;
    if (this.#next) return;
    this.#started = undefined;
    this.#options.onError?.(new MediaError('device-lost'));
  }

  /** Every second frame tells its level: 25 a second. */
  #onFrame(frame: Uint8Array<ArrayBuffer>, level: number): void {
    const { onFrame, onLevel } = this.#options;
    const heard = this.#isMuted ? 0 : level;
    if (this.#isMuted) frame.fill(0);
    onFrame(frame);
    if ((this.#isOdd = !this.#isOdd)) onLevel?.(heard);
  }
}
