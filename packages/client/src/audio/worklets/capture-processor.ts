/**
 * Binds capture-frames.ts to the audio thread: posts [frame, level] for every frame, and silence while no source
 * is connected, so that the upstream hears a pause and not a gap. Any message ends it.
 */
import { createCaptureFrames } from '../capture-frames.ts';

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

export class CaptureProcessor extends AudioWorkletProcessor {
  #ended = false;
  readonly #push: (samples: Float32Array) => void;

  constructor({ processorOptions }: { processorOptions: { sampleRate: number } }) {
    super();
    this.port.onmessage = () => (this.#ended = true);
    this.#push = createCaptureFrames(sampleRate, processorOptions.sampleRate, (frame, level) =>
      this.port.postMessage([frame, level], [frame.buffer]),
    );
  }

  /** The node asks for one channel, so the mix-down has happened; the untouched output is silence. */
  process([input]: Float32Array[][], [output]: Float32Array[][]): boolean {
    const samples = input?.[0] ?? output?.[0];
    if (samples && !this.#ended) this.#push(samples);
    return !this.#ended;
  }
}
