/**
 * Cuts a stream of samples at any rate into PCM16 frames of equal length at the target rate. Pure: where samples
 * come from and where frames go is left to the capture worklet.
 */
import { rms, toPcm16 } from './pcm.ts';
import { createResampler } from './resampler.ts';

export interface CaptureFormat {
  /** Rate of the frames in Hz. */
  sampleRate: number;
  /** Length of a frame in milliseconds. */
  frameMs: number;
}

/** Makes a sink for samples at `inputRate` Hz; `emit` gets each full frame and its level (RMS, 0..1). */
export function createCaptureFrames(
  inputRate: number,
  { sampleRate, frameMs }: CaptureFormat,
  emit: (frame: Uint8Array<ArrayBuffer>, level: number) => void,
): (samples: Float32Array) => void {
  const resampler = createResampler(inputRate, sampleRate);
  const frame = new Float32Array(Math.round((sampleRate * frameMs) / 1000));
  let filled = 0;
  return (samples) => {
    for (const sample of samples) {
      resampler.push(sample);
      for (let out; (out = resampler.pull()) !== undefined;) {
        frame[filled++] = out;
        if (filled < frame.length) continue;
        filled = 0;
        emit(toPcm16(frame), rms(frame));
      }
    }
  };
}
