/**
 * Turns a microphone, or any other source of sound, into PCM16 frames of equal length. Leaves sending them, and
 * what to do when a device is lost, to the caller.
 */
import { sharedAudioContext, type SharedAudioContext } from './audio-context.ts';
import { orAborted, undoOn } from './lifetime.ts';
import { MediaError } from './media-error.ts';
import { openMicrophone, type MicrophoneOptions } from './microphone.ts';
import { createWorkletNode, type WorkletUrl } from './worklet-loader.ts';

/** What may stand in for the microphone: a stream, or a maker of a node, called when its sound can be taken. */
export type CaptureSource = MediaStream | ((context: AudioContext) => AudioNode | Promise<AudioNode>);

export interface CaptureOptions extends MicrophoneOptions {
  /** Gets each frame: 20 ms of mono PCM16 little endian. */
  onFrame: (frame: Uint8Array<ArrayBuffer>) => void;
  /** Rate of the frames in Hz; default 16000, which makes 640 bytes a frame. */
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
  #started: Promise<AudioWorkletNode> | undefined;
  /** The lives of the whole run, of the source in use, and of the source being opened. */
  #run = new AbortController();
  #input: AbortController | undefined;
  #nextInput: AbortController | undefined;
  #muted = false;
  /** Every second frame tells its level: 25 a second. */
  #isOdd = false;

  constructor(options: CaptureOptions) {
    this.#options = { ...options };
  }

  async start(): Promise<void> {
    if (!this.#started) {
      const { signal } = (this.#run = new AbortController());
      this.#started = orAborted(signal, this.#open(signal));
    }
    await this.#started;
  }

  stop(): void {
    this.#end();
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
  }

  async setDevice(deviceId: string | undefined): Promise<void> {
    this.#options.deviceId = deviceId;
    delete this.#options.source;
    const started = this.#started;
    const node = await started;
    if (node && started === this.#started) await this.#plug(node);
  }

  /** What is pending rejects with the reason. */
  #end(reason?: unknown): void {
    this.#started = undefined;
    this.#nextInput?.abort(reason);
    this.#input?.abort();
    this.#run.abort(reason);
    this.#nextInput = this.#input = undefined;
  }

  async #open(signal: AbortSignal): Promise<AudioWorkletNode> {
    const { audioContext = sharedAudioContext } = this.#options;
    try {
      const lease = audioContext.acquire();
      undoOn(signal, lease.release);
      await lease.resume();
      const node = await this.#createNode(lease.context);
      undoOn(signal, () => {
        node.port.onmessage = null;
        node.port.postMessage('end');
        node.disconnect();
      });
      signal.throwIfAborted();
      await this.#plug(node);
      return node;
    } catch (error) {
      if (!signal.aborted) this.#end(error);
      throw error;
    }
  }

  /** The output is silent; it is connected because some browsers run only what leads to the speaker. */
  async #createNode(context: AudioContext): Promise<AudioWorkletNode> {
    const { sampleRate = 16_000, workletUrl } = this.#options;
    const options = {
      channelCount: 1,
      channelCountMode: 'explicit',
      processorOptions: { sampleRate },
    } as const;
    const node = await createWorkletNode(context, 'capture', options, workletUrl);
    node.port.onmessage = ({ data }) => this.#onFrame(data[0], data[1]);
    node.connect(context.destination);
    return node;
  }

  #onFrame(frame: Uint8Array<ArrayBuffer>, level: number): void {
    if (this.#muted) frame.fill((level = 0));
    this.#options.onFrame(frame);
    if ((this.#isOdd = !this.#isOdd)) this.#options.onLevel?.(level);
  }

  /** Connects the source that the options name now, and only then lets go of the one before. */
  #plug(node: AudioWorkletNode): Promise<void> {
    this.#nextInput?.abort();
    const input = (this.#nextInput = new AbortController());
    return orAborted(input.signal, this.#connect(node, input));
  }

  async #connect(node: AudioWorkletNode, input: AbortController): Promise<void> {
    const { signal } = input;
    try {
      const source = await this.#openSource(node.context as AudioContext, input);
      signal.throwIfAborted();
      source.connect(node);
      undoOn(signal, () => source.disconnect(node));
      this.#nextInput = undefined;
      this.#input?.abort();
      this.#input = input;
    } catch (error) {
      if (!signal.aborted) {
        this.#nextInput = undefined;
        if (!this.#input) this.#end(error);
      }
      throw error;
    }
  }

  async #openSource(context: AudioContext, input: AbortController): Promise<AudioNode> {
    const { source } = this.#options;
    if (typeof source === 'function') return source(context);
    const stream = source ?? (await openMicrophone(this.#options));
    const { signal } = input;
    for (const track of stream.getTracks()) {
      if (!source) undoOn(signal, () => track.stop());
      track.addEventListener('ended', () => this.#onEnded(input), { signal });
    }
    signal.throwIfAborted();
    return context.createMediaStreamSource(stream);
  }

  /** Where another source is on its way, the loss ends nothing. */
  #onEnded(input: AbortController): void {
    if (this.#input !== input) return;
    input.abort();
    this.#input = undefined;
    if (this.#nextInput) return;
    this.#end();
    this.#options.onError?.(new MediaError('device-lost'));
  }
}
