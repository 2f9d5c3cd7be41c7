/**
 * Binds capture-frames.ts to the audio thread: posts [frame, level] for every frame. Once a source was connected, it
 * goes on with silence when that ends, so that the upstream hears a pause and not a gap. Any message ends it.
 */
import { createCaptureFrames } from '../capture-frames.ts';

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

export class CaptureProcessor extends AudioWorkletProcessor {
  #ended = false;
  #heard = false;
  readonly #push: (samples: Float32Array) => void;

  constructor({ processorOptions }: { processorOptions: { sampleRate: number } }) {
    super();
    this.port.onmessage = () => (this.#ended = true);
    this.#push = createCaptureFrames(sampleRate, processorOptions.sampleRate, (frame, level) =>
      this.port.postMessage([frame, level], [frame.buffer]),
    );
  }

  /** The node asks for one channel, so the mix-down has happened; the untouched output is silence. */
  process([[input]]: [[Float32Array?]], [[silence]]: [[Float32Array]]): boolean {
    if (input) this.#heard = true;
    if (this.#heard) this.#push(input ?? silence);
    return !this.#ended;
  }
}
